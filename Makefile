# What you can ask of this checkout; `make help` tells it in words. From another folder: `make -C path/to/it run`.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

$(if $(wildcard uv.lock),,$(error Run it in its own folder: make -C path/to/checkout))

UV_VERSION := 0.13.9
PG15 := /usr/lib/postgresql/15/bin
# What can come out otherwise on another server; the rest would only take its time once more.
on_another := tests/db tests/bookings tests/menu tests/orders/test_lifecycle.py tests/orders/test_statements.py tests/web/test_idempotency.py
bin := .venv/bin

# Whatever the caller has set up for other projects must not reach this one.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONWARNINGS PYTHONSAFEPATH
unexport UV_PYTHON UV_PROJECT UV_WORKING_DIRECTORY UV_WORKING_DIR UV_SYSTEM_PYTHON UV_LOCKED UV_FROZEN UV_NO_SYNC
unexport UV_NO_DEV UV_NO_GROUP UV_NO_DEFAULT_GROUPS UV_NO_EDITABLE UV_NO_INSTALL_PROJECT UV_MANAGED_PYTHON
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_REQUIRE_HASHES
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
# Caches lie here, because a home may be missing or closed.
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export npm_config_cache := $(CURDIR)/.cache/npm
# Compiled modules make the second start quick.
export PYTHONDONTWRITEBYTECODE :=
# Tests and checks stand on nothing that the caller's database or settings say.
alone := pg_bin="$${DIANDAN_TEST_PG_BIN-}"; unset DATABASE_URL $${!DIANDAN_@} $${!PG@}

# A copied or moved checkout brings programs that point to the old place.
$(shell here=$$(cat .venv/.synced 2>/dev/null); [ -z "$$here" ] || [ "$$here" = "$(CURDIR)" ] || rm -rf .venv)

python = $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && command -v $$p && break; done)
# The machine's own uv, when it runs and is not too old to read the lock file.
machine_uv = $(shell found=$$(uv --version 2>/dev/null | cut -d' ' -f2) && \
	[ -n "$$found" ] && [ "$$(printf '%s\n' 0.8.0 "$$found" | sort -V | head -1)" = 0.8.0 ] && command -v uv)

define sync
	@test -x $(bin)/python || { \
		test -n "$(python)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }; \
		"$(python)" -m venv --without-pip .venv; }
	@uv="$(if $(wildcard $(bin)/uv),$(bin)/uv,$(machine_uv))"; \
	if [ -z "$$uv" ]; then \
		$(bin)/python -m pip --version >/dev/null 2>&1 || $(bin)/python -m ensurepip >/dev/null 2>&1 || { \
			echo "Neither uv nor Python's pip is here: install one of them (Debian: apt install python3-venv)." >&2; \
			exit 1; }; \
		$(bin)/python -m pip install --quiet --no-cache-dir --disable-pip-version-check "uv==$(UV_VERSION)"; \
		uv=$(bin)/uv; \
	fi; \
	"$$uv" sync --quiet --frozen --inexact --python $(bin)/python --group dev --group embedded $(1)
	@printf '%s' "$(CURDIR)" > $@
endef

.PHONY: help run test check judge bench browser openapi format clean

help:  ## Tell what can be asked
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

.venv/.synced: uv.lock pyproject.toml
	$(call sync)

.venv/.judges: .venv/.synced
	$(call sync,--group judge)

run: .venv/.synced  ## Serve the API with the embedded database and the demonstration
	@exec $(bin)/diandan serve --demo

test: .venv/.synced  ## Run the tests on PostgreSQL 18, and those of the database on 15 where it is found
	@$(alone); [ -z "$$pg_bin" ] || export DIANDAN_TEST_PG_BIN="$$pg_bin"; $(bin)/python -m pytest -n 2
	@$(alone); if [ -z "$$pg_bin" ] && [ -x $(PG15)/postgres ]; then \
		echo "Once more on PostgreSQL 15: $(on_another)" && \
		DIANDAN_TEST_PG_BIN=$(PG15) $(bin)/python -m pytest -n 2 $(on_another); fi

check: .venv/.synced  ## Format, lint, types, floors, contract drift, migrations against models
	@$(bin)/ruff format --check . && $(bin)/ruff check .
	@$(bin)/mypy
	@$(bin)/lint-imports --no-logo
	@$(alone); $(bin)/diandan openapi --check && echo "The contract is what the program says."
	@$(alone); $(bin)/python -m tests.migrations

judge: .venv/.judges  ## Let spectral, redocly, openapi-typescript and schemathesis judge the contract
	@$(alone); $(bin)/python -m tests.judge

bench: .venv/.synced  ## Measure what the API costs beside bare statements
	@$(alone); $(bin)/python -m bench

browser: .venv/.synced  ## Click through /docs in headless Chromium, where it is installed
	@$(alone); $(bin)/python -m pytest -m browser tests/web/test_docs_in_browser.py

openapi: .venv/.synced  ## Write the contract anew
	@$(alone); $(bin)/diandan openapi

format: .venv/.synced  ## Let ruff format and mend what it can
	@$(bin)/ruff format . && $(bin)/ruff check --fix .

clean:  ## Remove what was installed and built; data folders stay
	@rm -rf .venv .cache tests/judge/node_modules

"""Examples that work: placeholders in the contract's examples, filled with days and versions that hold now.

`{{day+5}}` is a local date so many days ahead, alone or at the beginning of an instant. `{{price:QHC/waste-removal|1}}`
is a value that a domain looks up, with what stands in the committed document behind the bar.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

_DAY = re.compile(r"\{\{day\+(\d+)\}\}")
_VALUE = re.compile(r"\{\{([a-z]+):([^|}]+)\|([^}]*)\}\}")


def wanted(document: Any) -> dict[str, set[str]]:
    """What the examples ask the domains for, by kind of value."""
    found: dict[str, set[str]] = {}
    _collect(document, found)
    return found


def _collect(node: Any, found: dict[str, set[str]]) -> None:
    if isinstance(node, dict):
        for value in node.values():
            _collect(value, found)
    elif isinstance(node, list):
        for value in node:
            _collect(value, found)
    elif isinstance(node, str):
        for match in _VALUE.finditer(node):
            found.setdefault(match.group(1), set()).add(match.group(2))


def fill(node: Any, today: date, known: Mapping[str, Any]) -> Any:
    """A copy of the document with every placeholder filled."""
    if isinstance(node, dict):
        return {key: fill(value, today, known) for key, value in node.items()}
    if isinstance(node, list):
        return [fill(value, today, known) for value in node]
    if not isinstance(node, str) or "{{" not in node:
        return node
    if match := _VALUE.fullmatch(node):
        name, default = f"{match.group(1)}:{match.group(2)}", match.group(3)
        return known.get(name, int(default) if default.isdigit() else default)
    told = _VALUE.sub(lambda m: str(known.get(f"{m.group(1)}:{m.group(2)}", m.group(3))), node)
    return _DAY.sub(lambda found: (today + timedelta(days=int(found.group(1)))).isoformat(), told)

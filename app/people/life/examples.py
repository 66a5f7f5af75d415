"""Named examples of the bodies about life events; each succeeds against the demo data."""

from typing import Any

REPORT: Any = {
    "hospitalised": {"summary": "住院", "value": {"type": "HOSPITALISED", "on": "{{day+0}}"}},
    "returned": {"summary": "出院回家（先报过住院）", "value": {"type": "RETURNED", "on": "{{day+0}}"}},
    "deceased": {
        "summary": "去世（受托人、卫生服务中心、服务中心）",
        "value": {"type": "DECEASED", "on": "{{day+0}}"},
    },
    "mistaken": {
        "summary": "误报去世，更正（服务中心）",
        "value": {"type": "NOT_DECEASED", "reason": "同名的人，误报"},
    },
}

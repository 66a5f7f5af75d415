"""Named examples of the bodies of calls; each succeeds against the demo data."""

from typing import Any

from app.core.ids import demo_id

OPEN: Any = {
    "phone": {
        "summary": "市民打来电话，核对了房号和尾号",
        "value": {
            "channel": "PHONE",
            "direction": "INBOUND",
            "caller_phone": "13800000003",
            "identity_check": ["ROOM", "PHONE_LAST4"],
        },
    },
    "counter": {
        "summary": "市民到服务中心柜台",
        "value": {"channel": "COUNTER", "direction": "INBOUND", "identity_check": ["IN_PERSON"]},
    },
}
STEPS: Any = {
    "close": {"summary": "结束通话", "value": {"action": "close", "outcome": "DONE", "note": "已代为下单。"}},
    "link": {
        "summary": "关联到市民",
        "value": {"action": "link", "resident_id": str(demo_id("resident", "+8613800000003"))},
    },
}

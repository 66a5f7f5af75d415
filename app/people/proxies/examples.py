"""Named examples of the bodies about proxies; each succeeds against the demo data."""

from typing import Any

from app.core.ids import demo_id

DAUGHTER = str(demo_id("resident", "+8613800000004"))

ASK: Any = {
    "daughter": {
        "summary": "女儿为母亲点单、约家庭医生（验证码发到母亲手机）",
        "value": {
            "role": "PRINCIPAL",
            "phone": "13800000003",
            "relation": "女儿",
            "scopes": ["ORDER", "DOCTOR_VISIT"],
            "months": 12,
        },
    },
    "mother": {
        "summary": "母亲委托女儿，并由女儿决定报价（验证码发到自己手机）",
        "value": {
            "role": "PROXY",
            "phone": "13800000004",
            "relation": "女儿",
            "scopes": ["ORDER", "DOCTOR_VISIT", "VIEW_FEES", "PAY", "OWNER_DECISION"],
            "months": 6,
        },
    },
    "owner-of-my-room": {
        "summary": "同住的人请业主委托自己",
        "value": {"role": "PRINCIPAL", "room": "QHC-1-1-101", "relation": "租户", "scopes": ["ORDER"], "months": 3},
    },
}
RECORD: Any = {
    "paper": {
        "summary": "书面委托（服务中心）",
        "value": {
            "holder_id": DAUGHTER,
            "relation": "女儿",
            "scopes": ["ORDER", "DOCTOR_VISIT"],
            "evidence": "SIGNED_PAPER",
            "paper_number": "WT-2026-0031",
        },
    },
}
STEPS: Any = {
    "confirm": {"summary": "凭委托人收到的验证码确认（演示 000000）", "value": {"action": "confirm", "code": "000000"}},
    "resend": {"summary": "验证码过期，再发一次", "value": {"action": "resend"}},
    "decline": {"summary": "委托人不同意", "value": {"action": "decline"}},
    "revoke": {"summary": "撤销（任何一方、服务中心）", "value": {"action": "revoke"}},
}

"""Named examples of the menu's bodies; each succeeds against the demo data."""

from typing import Any

FORM = {
    "type": "object",
    "properties": {
        "hours": {
            "type": "integer",
            "title": "需要几小时",
            "minimum": 1,
            "maximum": 8,
            "x-order": 1,
            "x-widget": "quantity",
        }
    },
    "required": ["hours"],
    "additionalProperties": False,
}

PUT_ITEM: Any = {
    "new-service": {
        "summary": "新增一项按价目收费的服务：入户保洁",
        "value": {
            "kind": "GENERAL",
            "title": "入户保洁",
            "title_en": "House cleaning",
            "content": "客厅、厨房、卫生间的日常保洁，自带工具。",
            "standard": "两人一组，地面无积灰，完工后请住户当面查看。",
            "pricing": "FIXED",
            "lead_days": 1,
            "cancel_terms": {"text": "上门前 2 小时以外取消不收费", "free_hours": 2, "late_fee_fen": 2000},
            "consents": [],
            "form": FORM,
            "ordinal": 900,
            "published": True,
        },
    }
}

PUT_OFFER: Any = {
    "offer-with-price": {
        "summary": "上架并准备价格（等物管会批准）",
        "value": {
            "enabled": True,
            "offered_from": "2026-01-05",
            "price": {
                "lines": [{"code": "VISIT", "label": "装修垃圾清运", "unit": "户·次", "unit_price": "160.00"}],
                "effective_from": "{{day+40}}",
            },
        },
    }
}

PRICE_STEPS: Any = {
    "approve": {"summary": "批准（物管会）", "value": {"action": "approve"}},
    "reject": {"summary": "不批准（物管会）", "value": {"action": "reject", "reason": "涨幅过大，请重新测算。"}},
    "withdraw": {"summary": "撤回（物业经理）", "value": {"action": "withdraw"}},
}

"""Named examples around weddings and funerals; each succeeds against the demo data, in its moment."""

from typing import Any

from app.core.ids import demo_id

OWNER = str(demo_id("resident", "+8613800000003"))


def _slots(item: str, venue: str, ahead: int) -> list[str]:
    """The first two free parts of days in a venue, so many days ahead or later."""
    return [
        f"{{{{slot:QHC/{item}@{venue}_QHC/{ahead}/{place}|00000000-0000-7000-8000-0000000001{ahead}{place}}}}}"
        for place in (0, 1)
    ]


WEDDING: Any = {
    "compound": "QHC",
    "item": "wedding",
    "room": "QHC-1-1-102",
    "price_version": "{{price:QHC/wedding|1}}",
    "details": {
        "kind": "WEDDING",
        "tables": 22,
        "guests": 200,
        "table_sets": 18,
        "sound_days": 1,
        "cleaning": True,
        "band_size": 4,
        "music_from": "08:00",
        "music_until": "20:30",
        "fire_lane_kept": True,
    },
    "slot_ids": _slots("wedding", "HALL", 5),
    "contact": {"name": "王秀英", "phone": "13800000003", "relation": "总管", "call_before": True},
    "acks": ["tables"],
}
FUNERAL: Any = {
    "compound": "QHC",
    "item": "funeral",
    "price_version": "{{price:QHC/funeral|1}}",
    "details": {
        "kind": "FUNERAL",
        "days": 3,
        "venue": "TENT_QHC",
        "tables": 12,
        "table_sets": 8,
        "tent_days": 3,
        "cleaning": True,
        "band_size": 4,
        "music_from": "07:00",
        "music_until": "21:00",
        "fire_lane_kept": True,
    },
    "contact": {"name": "王秀英", "phone": "13800000003", "relation": "总管", "call_before": False},
}
PLACE: Any = {
    "wedding": {"summary": "红事：活动室两个半天，超过 20 桌已知晓（13800000003）", "value": WEDDING},
    "funeral": {"summary": "白事：现在开始，三天，北侧搭棚（13800000003）", "value": FUNERAL},
    "funeral-by-unbound": {
        "summary": "白事：没有绑定房屋的亲属下单（13800000004）",
        "value": {**FUNERAL, "contact": {"name": "李晓兰", "phone": "13800000004", "relation": "亲属"}},
    },
    "funeral-by-agent": {
        "summary": "白事：话务员代下单（先登记来电，带 Call-Id）",
        "value": {**FUNERAL, "on_behalf_of_id": OWNER},
    },
}
STEPS: Any = {
    "file": {
        "summary": "备案（物管会；超期后物业、服务中心可代办）",
        "value": {"action": "file", "filing_no": "HB-2026-018", "note": "已在理事会登记。"},
    },
    "fast-confirm": {
        "summary": "值班确认白事（值班人员）",
        "value": {"action": "fast-confirm", "note": "已与家属通话，棚和桌椅马上到。"},
    },
    "arrange": {
        "summary": "另行安排场地和时段，写明原因（值班人员、物管会）",
        "value": {
            "action": "arrange",
            "slot_ids": _slots("funeral", "SQUARE", 1),
            "reason": "原场地已有婚礼，与家属商定改到小广场。",
        },
    },
    "reschedule-wedding": {
        "summary": "婚礼改期（市民，备案以前）",
        "value": {"action": "reschedule", "slot_ids": _slots("wedding", "HALL", 8)},
    },
    "settle-wedding-deposit": {
        "summary": "收婚礼定金 300.00 元（服务中心）",
        "value": {"action": "settle", "method": "CASH", "amount_fen": 30000, "receipt_no": "SJ-0011"},
    },
    "inspect": {
        "summary": "验场，没有损坏（物业经理）",
        "value": {"action": "inspect", "note": "场地完好，已清扫。"},
    },
    "inspect-damage": {
        "summary": "验场，有损坏（物业经理）",
        "value": {
            "action": "inspect",
            "lines": [{"label": "门玻璃", "quantity": "1", "unit": "块", "unit_price": "60.00"}],
            "note": "活动室门玻璃破损一块，双方在场确认。",
        },
    },
    "settle-wedding": {
        "summary": "收婚礼结算款 480.00 元（服务中心）",
        "value": {"action": "settle", "method": "POS", "amount_fen": 48000, "receipt_no": "SJ-0012"},
    },
    "refund-wedding": {
        "summary": "退婚礼定金的一半（服务中心）",
        "value": {"action": "refund", "method": "CASH", "amount_fen": 15000, "receipt_no": "TK-0011"},
    },
    "cancel-excused": {
        "summary": "凭丧事或疾病证明取消，定金全退（服务中心）",
        "value": {"action": "cancel-excused", "reason": "家中有变故。", "proof": "ORIGINAL_SEEN"},
    },
    "settle-funeral": {
        "summary": "收白事结算款 400.00 元（服务中心）",
        "value": {"action": "settle", "method": "CASH", "amount_fen": 40000, "receipt_no": "SJ-0013"},
    },
}

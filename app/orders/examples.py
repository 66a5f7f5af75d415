"""Named examples of the bodies of orders; each succeeds against the demo data, in its moment."""

from typing import Any

from app.core.ids import demo_id

CREW, OWNER = str(demo_id("staff", "crew")), str(demo_id("resident", "+8613800000003"))
WASTE = {
    "compound": "QHC",
    "item": "waste-removal",
    "room": "QHC-1-1-102",
    "price_version": "{{price:QHC/waste-removal|1}}",
    "details": {"kind": "GENERAL", "volume": "SMALL", "preferred_date": "{{day+5}}", "bagged": True},
    "contact": {"name": "王秀英", "phone": "13800000003", "call_before": True},
}

PLACE: Any = {
    "waste-removal": {"summary": "装修垃圾清运：业主本人下单（13800000003）", "value": WASTE},
    "waste-removal-by-agent": {
        "summary": "装修垃圾清运：话务员代市民下单（先登记来电，带 Call-Id）",
        "value": {**WASTE, "on_behalf_of_id": OWNER},
    },
    "door-window-repair": {
        "summary": "门窗维修：上门看过后报价",
        "value": {
            **WASTE,
            "item": "door-window-repair",
            "price_version": "{{price:QHC/door-window-repair|1}}",
            "details": {"kind": "GENERAL", "problem": "阳台窗户合页松动，关不严。"},
        },
    },
}

STEPS: Any = {
    "accept": {"summary": "接单（物业经理）", "value": {"action": "accept"}},
    "accept-quote": {
        "summary": "接受报价（市民；话务员要先复述）",
        "value": {"action": "accept", "quote_version": 1, "read_back": True},
    },
    "reject": {"summary": "不接受报价（市民）", "value": {"action": "reject", "reason": "超出预算"}},
    "quote": {
        "summary": "报价（物业经理）",
        "value": {
            "action": "quote",
            "lines": [
                {"label": "合页更换", "quantity": "2", "unit": "副", "unit_price": "35.00"},
                {"label": "人工", "quantity": "1", "unit": "次", "unit_price": "60.00"},
            ],
            "note": "含材料",
            "valid_days": 15,
        },
    },
    "schedule": {
        "summary": "排期派工（物业经理）",
        "value": {
            "action": "schedule",
            "start": "{{day+5}}T09:00:00+08:00",
            "end": "{{day+5}}T11:00:00+08:00",
            "worker_ids": [CREW],
        },
    },
    "start": {"summary": "开始服务（师傅）", "value": {"action": "start"}},
    "finish": {"summary": "完工（师傅）", "value": {"action": "finish", "report": "垃圾已清运，楼道已清扫。"}},
    "confirm": {"summary": "确认完工（市民）", "value": {"action": "confirm"}},
    "dispute": {"summary": "提出异议（市民）", "value": {"action": "dispute", "reason": "楼道里还有碎砖。"}},
    "resolve": {
        "summary": "处理异议（物业经理）",
        "value": {"action": "resolve", "outcome": "REDO", "note": "明早补清一次。"},
    },
    "settle": {
        "summary": "收款（服务中心）",
        "value": {"action": "settle", "method": "CASH", "amount_fen": 15000, "receipt_no": "SJ-0001"},
    },
    "amend": {
        "summary": "修改联系人（市民）",
        "value": {"action": "amend", "contact": {"name": "王秀英", "phone": "13800000003", "call_before": False}},
    },
    "cancel": {"summary": "取消（市民）", "value": {"action": "cancel", "reason": "暂时不需要了"}},
    "decline": {"summary": "不能承接（物业经理）", "value": {"action": "decline", "reason": "清运车当天检修。"}},
}

RATE: Any = {"five-stars": {"summary": "五分好评", "value": {"score": 5, "comment": "来得准时，清得干净。"}}}

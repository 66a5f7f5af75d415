"""Named examples of the bodies of orders; each succeeds against the demo data, in its moment."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.calendar import Season
from app.core.ids import demo_id
from app.kinds.heating_retrofit.terms import HeatingRules
from app.orders import examples_ceremony, examples_visit

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

HEATING: Any = {
    "compound": "QHC",
    "item": "heating-retrofit",
    "room": "QHC-1-1-102",
    "price_version": "{{price:QHC/heating-retrofit|1}}",
    "details": {
        "kind": "HEATING_RETROFIT",
        "heating_type": "CENTRAL_RADIATOR",
        "scope": ["RADIATOR", "SINGLE_LOOP"],
        "groups": 7,
        "shares_riser": True,
        "remark": "老人在家，请上午来。",
    },
    "slot_ids": ["{{slot:QHC/heating-retrofit/3/0|00000000-0000-7000-8000-000000000001}}"],
    "contact": {"name": "王秀英", "phone": "13800000003", "call_before": True},
}
PLACE["heating-retrofit"] = {"summary": "暖气改造：先约上门勘察（时段从 slots 里选）", "value": HEATING}
PLACE["heating-retrofit-by-tenant"] = {
    "summary": "暖气改造：租户下单，报价由业主接受（13800000005）",
    "value": {
        **HEATING,
        "room": "QHC-1-1-101",
        "contact": {"name": "郑远航", "phone": "13800000005"},
        "slot_ids": ["{{slot:QHC/heating-retrofit/3/1|00000000-0000-7000-8000-000000000002}}"],
    },
}
RADIATORS: Any = [
    {"label": "钢制暖气片", "quantity": "42", "unit": "片", "unit_price": "42.00"},
    {"label": "PPR 管", "quantity": "64", "unit": "m", "unit_price": "18.00"},
    {"label": "安装人工", "quantity": "7", "unit": "组", "unit_price": "80.00"},
    {"label": "阀门、分集水器和管件", "quantity": "1", "unit": "项", "unit_price": "1254.00"},
    {"label": "恢复和打压试水", "quantity": "1", "unit": "项", "unit_price": "950.00"},
]

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
    "quote-heating": {
        "summary": "暖气改造报价 5,680.00 元（物业经理）",
        "value": {"action": "quote", "lines": RADIATORS, "note": "含旧暖气片拆除", "valid_days": 15},
    },
    "assign": {"summary": "派人勘察（物业经理）", "value": {"action": "assign", "worker_ids": [CREW]}},
    "reschedule": {
        "summary": "改约勘察时段（市民）",
        "value": {
            "action": "reschedule",
            "slot_ids": ["{{slot:QHC/heating-retrofit/4/0|00000000-0000-7000-8000-000000000003}}"],
        },
    },
    "survey": {
        "summary": "勘察记录（师傅）",
        "value": {
            "action": "survey",
            "groups": 7,
            "pipe_metres": 64,
            "shares_riser": True,
            "heat_company_consent_no": "RL-2026-0118",
            "findings": "七组暖气片，立管锈蚀，建议一户一环。",
        },
    },
    "schedule-works": {
        "summary": "暖气施工排期：采暖季以外，最多十四天（物业经理）",
        "value": {
            "action": "schedule",
            "start": "{{works:10|2027-04-01}}T08:30:00+08:00",
            "end": "{{works:10|2027-04-01}}T17:30:00+08:00",
            "worker_ids": [CREW],
        },
    },
    "schedule-emergency": {
        "summary": "采暖季内紧急施工（物业经理）",
        "value": {
            "action": "schedule",
            "start": "{{day+2}}T08:30:00+08:00",
            "end": "{{day+2}}T17:30:00+08:00",
            "worker_ids": [CREW],
            "emergency_reason": "暖气片爆裂，家中有老人。",
        },
    },
    "change": {
        "summary": "施工变更，业主要再接受一次（物业经理）",
        "value": {
            "action": "change",
            "lines": [*RADIATORS, {"label": "加装放气阀", "quantity": "2", "unit": "个", "unit_price": "35.00"}],
            "note": "两组暖气片需加装放气阀。",
        },
    },
    "test": {
        "summary": "打压合格（师傅）",
        "value": {"action": "test", "passed": True, "pressure_kpa": 800, "minutes": 30},
    },
    "test-failed": {
        "summary": "打压不合格，继续整改（师傅）",
        "value": {"action": "test", "passed": False, "pressure_kpa": 600, "minutes": 5, "note": "三通渗水。"},
    },
    "settle-deposit": {
        "summary": "收定金和勘察费（服务中心）",
        "value": {"action": "settle", "method": "POS", "amount_fen": 175400, "receipt_no": "SJ-0002"},
    },
    "settle-heating": {
        "summary": "收尾款（服务中心）",
        "value": {"action": "settle", "method": "TRANSFER", "amount_fen": 392600, "receipt_no": "SJ-0003"},
    },
    "tally": {
        "summary": "取消核算：已购材料（物业经理）",
        "value": {
            "action": "tally",
            "lines": [{"label": "已订暖气片", "quantity": "10", "unit": "片", "unit_price": "42.00"}],
            "note": "已订货不能退的部分。",
        },
    },
    "refund": {
        "summary": "退款（服务中心）",
        "value": {"action": "refund", "method": "TRANSFER", "amount_fen": 128400, "receipt_no": "TK-0001"},
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

PLACE |= {**examples_ceremony.PLACE, **examples_visit.PLACE}
STEPS |= {**examples_ceremony.STEPS, **examples_visit.STEPS}

RATE: Any = {"five-stars": {"summary": "五分好评", "value": {"score": 5, "comment": "来得准时，清得干净。"}}}


async def works_days(_session: AsyncSession, wanted: set[str], today: date) -> dict[str, str]:
    """`works:10`: the first day at least so many days ahead on which pipes may be drained, by the default rules."""
    rules, found = HeatingRules(), {}
    blocked = Season(rules.blocked_from, rules.blocked_until)
    for name in wanted:
        day = today + timedelta(days=int(name))
        while day in blocked:
            day += timedelta(days=1)
        found[f"works:{name}"] = day.isoformat()
    return found

"""Named examples around the doctor's home visit; each succeeds against the demo data, in its moment."""

from typing import Any

from app.core.ids import demo_id

NURSE, MOTHER = str(demo_id("staff", "clinic")), str(demo_id("resident", "+8613800000003"))
VERSION = "2026-01"
CONSENTS = [{"code": "HEALTH_DATA", "version": VERSION}, {"code": "SHARE_WITH_CLINIC", "version": VERSION}]


def _slot(ahead: int, place: int) -> str:
    return f"{{{{slot:QHC/home-doctor/{ahead}/{place}|00000000-0000-7000-8000-0000000000{ahead}{place}}}}}"


VISIT: Any = {
    "compound": "QHC",
    "item": "home-doctor",
    "room": "QHC-1-1-102",
    "price_version": "{{price:QHC/home-doctor|1}}",
    "details": {
        "kind": "HOME_DOCTOR_VISIT",
        "mobility": "WALKING_AID",
        "purpose": "CHRONIC_FOLLOWUP",
        "companion_present": True,
        "preferred_windows": ["TUE_AM", "THU_AM"],
        "access_note": "一楼，敲门请重一点。",
        "note": "最近降压药换了一种。",
    },
    "contact": {"name": "王秀英", "phone": "13800000003", "call_before": True},
}
PLACE: Any = {
    "home-doctor": {
        "summary": "家庭医生上门：本人下单，带两项同意（13800000003）",
        "value": {**VISIT, "consents": CONSENTS},
    },
    "home-doctor-by-daughter": {
        "summary": "家庭医生上门：女儿替母亲下单，等本人同意（13800000004，先办代办授权）",
        "value": {
            **VISIT,
            "beneficiary_id": MOTHER,
            "contact": {"name": "李晓兰", "phone": "13800000004", "relation": "女儿"},
        },
    },
    "home-doctor-by-agent": {
        "summary": "家庭医生上门：话务员代下单，等本人同意（先登记来电，带 Call-Id）",
        "value": {**VISIT, "on_behalf_of_id": MOTHER},
    },
}
STEPS: Any = {
    "consent": {
        "summary": "本人同意：健康信息、交给卫生服务中心",
        "value": {"action": "consent", "consents": CONSENTS},
    },
    "unreached": {"summary": "回电没打通（医护）", "value": {"action": "unreached"}},
    "offer": {
        "summary": "提供三个时间，保留 24 小时（医护）",
        "value": {"action": "offer", "slot_ids": [_slot(2, 0), _slot(2, 1), _slot(2, 2)], "valid_hours": 24},
    },
    "choose": {"summary": "选定一个时间（市民）", "value": {"action": "choose", "slot_ids": [_slot(2, 0)]}},
    "reschedule-visit": {
        "summary": "改约上门时间（市民）",
        "value": {"action": "reschedule", "slot_ids": [_slot(4, 0)]},
    },
    "assign-visitor": {
        "summary": "安排谁上门，生成四位门口口令（医护）",
        "value": {"action": "assign", "worker_ids": [NURSE]},
    },
    "depart": {"summary": "出发（医护）", "value": {"action": "depart", "worker_ids": [NURSE]}},
    "arrive": {"summary": "到达（医护）", "value": {"action": "arrive"}},
    "delay": {"summary": "晚到二十分钟，后面的顺延（医护）", "value": {"action": "delay", "minutes": 20}},
    "no-show": {"summary": "到了家中无人（医护）", "value": {"action": "no-show"}},
    "exit-120": {"summary": "已转急救（医护）", "value": {"action": "exit", "outcome": "REFERRED_120"}},
    "exit-out-of-scope": {
        "summary": "不在上门范围（医护）",
        "value": {"action": "exit", "outcome": "OUT_OF_SCOPE", "note": "需要到院做检查。"},
    },
    "exit-not-contracted": {
        "summary": "还没有签约，先帮办签约（医护）",
        "value": {"action": "exit", "outcome": "NOT_CONTRACTED"},
    },
    "exit-hospitalised": {
        "summary": "已住院，悄悄结束（医护）",
        "value": {"action": "exit", "outcome": "HOSPITALISED"},
    },
    "exit-ended": {"summary": "不需要了（医护）", "value": {"action": "exit", "outcome": "ENDED"}},
    "contract": {"summary": "已签约（医护）", "value": {"action": "contract"}},
    "reoffer": {
        "summary": "医护来不了，另约时间（医护）",
        "value": {"action": "reoffer", "reason": "医生临时出急诊。"},
    },
    "transfer": {
        "summary": "转给另一家卫生服务中心，要本人重新同意（医护）",
        "value": {"action": "transfer", "clinic": "CHENGXI", "reason": "搬到城西居住。"},
    },
}

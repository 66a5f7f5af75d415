"""Named examples of the bodies about bookable time."""

from typing import Any

NEW: Any = {
    "crew": {
        "summary": "新增施工队（可预约暖气勘察）",
        "value": {
            "code": "CREW_QHC_2",
            "type": "CREW",
            "name": "暖气施工二队",
            "compounds": ["QHC"],
            "items": ["heating-retrofit"],
        },
    },
    "hall": {
        "summary": "新增场地（婚礼只用白天和晚上，治丧全天可用）",
        "value": {
            "code": "HALL_QHC_2",
            "type": "VENUE",
            "name": "东侧活动室",
            "compounds": ["QHC"],
            "items": ["wedding", "funeral"],
            "day_parts": [{"item": "wedding", "parts": ["MORNING", "AFTERNOON", "EVENING"]}],
        },
    },
    "doctors": {
        "summary": "新增家庭医生团队（管理员；属于卫生服务中心）",
        "value": {
            "code": "DOCTORS_CHENGXI",
            "type": "DOCTOR_TEAM",
            "name": "城西家庭医生团队",
            "compounds": ["TYY", "YRC"],
            "items": ["home-doctor"],
            "clinic": "CHENGXI",
        },
    },
}
TEMPLATE: Any = {
    "mornings-and-afternoons": {
        "summary": "周一至周五，上午下午各两户",
        "value": {
            "parts": [
                {"weekday": day, "code": code, "label": label, "start": start, "end": end, "capacity": 2}
                for day in range(5)
                for code, label, start, end in (("AM", "上午", "08:30", "11:30"), ("PM", "下午", "14:00", "17:30"))
            ]
        },
    }
}
CLOSURE: Any = {
    "weather": {
        "summary": "大雪停工两天",
        "value": {"since": "{{day+120}}", "until": "{{day+122}}", "reason": "WEATHER", "note": "大雪，施工队停工。"},
    }
}
HOLIDAYS: Any = {
    "new-year": {
        "summary": "元旦放假和调休上班",
        "value": {
            "days": [
                {"date": "2028-01-01", "name": "元旦"},
                {"date": "2028-01-02", "name": "元旦"},
                {"date": "2028-01-08", "name": "元旦调休上班", "off": False},
            ]
        },
    }
}

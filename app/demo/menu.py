"""The demonstration menu: what the three named compounds offer, at which prices."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from app.core.ids import demo_id
from app.db.base import Base
from app.menu.models import MenuItem, MenuOffer, MenuPrice

PUBLISHED = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
SINCE = date(2026, 1, 5)


def _choice(const: str, title: str) -> dict[str, str]:
    return {"const": const, "title": title}


WASTE_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "volume": {
            "type": "string",
            "title": "垃圾有多少",
            "oneOf": [_choice("SMALL", "十袋以内"), _choice("MEDIUM", "半车"), _choice("LARGE", "一车")],
            "x-order": 1,
            "x-widget": "choice",
        },
        "preferred_date": {
            "type": "string",
            "format": "date",
            "maxLength": 10,
            "title": "希望哪天来",
            "x-order": 2,
            "x-widget": "date",
            "x-help": "最早第二天，具体时间由物业与您约定",
        },
        "bagged": {"type": "boolean", "title": "已经装袋", "x-order": 3, "x-widget": "switch"},
        "remark": {"type": "string", "title": "补充说明", "maxLength": 200, "x-order": 4, "x-widget": "text"},
    },
    "required": ["volume", "preferred_date"],
    "additionalProperties": False,
}
REPAIR_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "problem": {
            "type": "string",
            "title": "哪里坏了",
            "minLength": 2,
            "maxLength": 500,
            "x-order": 1,
            "x-widget": "text",
            "x-help": "写明位置和现象，例如阳台窗户关不严",
        }
    },
    "required": ["problem"],
    "additionalProperties": False,
}

CEREMONY_LINES = [
    ("HALL", "活动室", "半天", "200.00"),
    ("TABLE", "桌椅", "套", "10.00"),
    ("SOUND", "音响", "天", "100.00"),
    ("TENT", "搭棚", "天", "150.00"),
    ("CLEANING", "清扫", "次", "100.00"),
]

ITEMS: tuple[dict[str, Any], ...] = (
    {
        "code": "heating-retrofit",
        "kind": "HEATING_RETROFIT",
        "title": "暖气改造",
        "title_en": "Heating retrofit",
        "content": "入户勘察、逐项报价、施工、打压试水；一户一环改造。",
        "standard": "施工后保修两个完整采暖季。",
        "pricing": "QUOTE",
        "lead_days": 1,
        "cancel": {
            "text": "勘察前 24 小时以外取消不收费，之后收取勘察费 50.00 元",
            "free_hours": 24,
            "late_fee_fen": 5000,
        },
        "lines": [("SURVEY", "入户勘察", "次", "50.00")],
    },
    {
        "code": "wedding",
        "kind": "WEDDING",
        "title": "红事（婚礼）服务",
        "title_en": "Wedding",
        "content": "场地、桌椅、音响和现场秩序。",
        "standard": "遵守移风易俗公约，22 时后不扰民。",
        "pricing": "TIERED",
        "lead_days": 3,
        "lines": CEREMONY_LINES,
    },
    {
        "code": "funeral",
        "kind": "FUNERAL",
        "title": "白事（治丧）协助",
        "title_en": "Funeral",
        "content": "全天受理，搭棚、桌椅和引导。",
        "standard": "值班人员 30 分钟内回话；基本协助免费。",
        "pricing": "TIERED",
        "lead_days": 0,
        "lines": CEREMONY_LINES,
    },
    {
        "code": "home-doctor",
        "kind": "HOME_DOCTOR_VISIT",
        "title": "家庭医生上门",
        "title_en": "Doctor's home visit",
        "content": "行动不便的老人预约签约家庭医生上门。",
        "standard": "当个工作日内回电；急症请拨打 120。",
        "pricing": "PASS_THROUGH",
        "lead_days": 0,
        "consents": ["HEALTH_DATA", "SHARE_WITH_CLINIC"],
        "lines": [("VISIT", "出诊费（卫生服务中心收取）", "次", "15.00")],
    },
    {
        "code": "waste-removal",
        "kind": "GENERAL",
        "title": "装修垃圾清运",
        "title_en": "Clearing of renovation waste",
        "content": "上门清运一户一次的装修垃圾，运到指定的消纳点。",
        "standard": "约定时间前后半小时内到达，清运后清扫楼道。",
        "pricing": "FIXED",
        "lead_days": 1,
        "form": WASTE_FORM,
        "cancel": {"text": "上门前 24 小时以外取消不收费，之后收取 20.00 元", "free_hours": 24, "late_fee_fen": 2000},
        "lines": [("VISIT", "装修垃圾清运", "户·次", "150.00")],
    },
    {
        "code": "door-window-repair",
        "kind": "GENERAL",
        "title": "门窗维修",
        "title_en": "Door and window repair",
        "content": "上门查看后逐项报价，您接受后再施工。",
        "standard": "报价 15 天内有效；完工后当面验收。",
        "pricing": "QUOTE",
        "lead_days": 0,
        "form": REPAIR_FORM,
        "lines": [],
    },
)
FREE_CANCEL = {"text": "上门前取消不收费", "free_hours": 0, "late_fee_fen": 0}
OFFERS: dict[str, tuple[str, ...]] = {
    "QHC": tuple(item["code"] for item in ITEMS),
    "TYY": tuple(item["code"] for item in ITEMS if item["code"] != "home-doctor"),
    "YRC": ("waste-removal", "wedding", "funeral"),
}


def items() -> Iterator[Base]:
    for ordinal, item in enumerate(ITEMS, 1):
        yield MenuItem(
            **{key: item[key] for key in ("code", "kind", "title", "title_en", "content", "standard", "pricing")},
            lead_days=item["lead_days"],
            cancel_terms=item.get("cancel", FREE_CANCEL),
            consents=item.get("consents", []),
            season=None,
            form=item.get("form"),
            rules={},
            form_version=1,
            ordinal=ordinal * 10,
            published_at=PUBLISHED,
        )


def offers() -> Iterator[Base]:
    lines = {item["code"]: item["lines"] for item in ITEMS}
    for compound, codes in OFFERS.items():
        for code in codes:
            where = demo_id("compound", compound)
            yield MenuOffer(
                id=demo_id("offer", f"{compound}/{code}"),
                compound_id=where,
                item_code=code,
                enabled=True,
                offered_from=SINCE,
            )
            yield MenuPrice(
                id=demo_id("price", f"{compound}/{code}/1"),
                compound_id=where,
                item_code=code,
                number=1,
                state="APPROVED",
                lines=[dict(zip(("code", "label", "unit", "unit_price"), line, strict=True)) for line in lines[code]],
                effective_from=SINCE,
                prepared_by=demo_id("staff", "manager"),
                decided_by=demo_id("staff", "committee"),
                decided_at=PUBLISHED,
            )

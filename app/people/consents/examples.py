"""Named examples of the bodies about consents; each succeeds against the demo data."""

from typing import Any

HEALTH: dict[str, Any] = {"code": "HEALTH_DATA", "version": "2026-01", "given": True}
CLINIC: dict[str, Any] = {"code": "SHARE_WITH_CLINIC", "version": "2026-01", "recipient": "CHENGDONG", "given": True}
SAY: Any = {
    "health": {"summary": "同意为上门看病处理健康信息", "value": HEALTH},
    "share": {"summary": "同意把这些信息交给城东的卫生服务中心", "value": CLINIC},
    "withdraw": {"summary": "撤回（先同意过才能撤回）", "value": {**CLINIC, "given": False}},
}
RECORD: Any = {
    "health": {"summary": "本人在电话里同意处理健康信息", "value": HEALTH},
    "share": {"summary": "本人在电话里同意交给城东的卫生服务中心", "value": CLINIC},
}

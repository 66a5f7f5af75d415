"""Named examples of the steps of call tasks."""

from typing import Any

STEPS: Any = {
    "claim": {"summary": "我来打这个电话", "value": {"action": "claim"}},
    "done": {"summary": "打通了，已告知", "value": {"action": "done", "outcome": "TOLD", "note": "家人接听，已转告。"}},
    "unreached": {"summary": "没打通，过后再打", "value": {"action": "unreached"}},
}
REVEAL: Any = {"call": {"summary": "查看号码，去打电话", "value": {"reason": "CALL_BACK"}}}

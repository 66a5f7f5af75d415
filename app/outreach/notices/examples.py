"""Named examples of marking notifications as read; an id that is nobody's changes nothing."""

from typing import Any

from app.core.ids import demo_id

READ: Any = {
    "some": {"summary": "这几条看过了", "value": {"ids": [str(demo_id("notification", "welcome"))]}},
    "up-to": {
        "summary": "这一条和更早的都看过了",
        "value": {"up_to": str(demo_id("notification", "welcome"))},
    },
}

"""Named examples of the bodies about duty."""

from typing import Any

PUT: Any = {
    "day-and-night": {
        "summary": "小区：电工全天，经理白天，夜班值守",
        "value": {
            "contacts": [
                {"post": "值班电工", "phone": "0359-0000-531", "staff": "electrician"},
                {
                    "post": "物业经理",
                    "phone": "0359-0000-532",
                    "staff": "manager",
                    "weekdays": [0, 1, 2, 3, 4],
                    "from": "08:00",
                    "until": "20:00",
                },
                {"post": "夜班值守", "phone": "0359-0000-533", "from": "20:00", "until": "08:00"},
            ]
        },
    },
}

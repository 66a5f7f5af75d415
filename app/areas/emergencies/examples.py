"""Named examples of the bodies about emergency words."""

from typing import Any

PUT: Any = {
    "chest-pain-and-gas": {
        "summary": "两类用语：胸痛打 120，煤气味打 119",
        "value": {
            "words": [
                {
                    "code": "CHEST_PAIN",
                    "category": "MEDICAL",
                    "patterns": ["胸痛", "胸口疼", "胸闷", "chest pain"],
                    "unless": ["没有胸痛"],
                    "call": ["120"],
                    "text": "立即拨打 120，不要等预约。",
                    "text_en": "Call 120 at once; do not wait for an appointment.",
                },
                {
                    "code": "GAS_LEAK",
                    "category": "GAS",
                    "patterns": ["煤气味", "燃气泄漏", "smell of gas"],
                    "call": ["119"],
                    "text": "不要开关电器，到室外再拨打 119。",
                    "text_en": "Touch no switch; go outside and call 119 from there.",
                },
            ]
        },
    }
}

"""Named examples of WeChat; without a mini-program any code is an account, and a phone its own proof."""

from typing import Any

SIGN_IN: Any = {
    "first-time": {"summary": "首次打开小程序：得到 link_token", "value": {"code": "wx-login-code"}},
    "with-phone": {
        "summary": "点了取手机号按钮：直接登录并关联",
        "value": {"code": "wx-login-code-2", "phone_code": "13800000003"},
    },
}
ANSWER: Any = {
    "allowed": {
        "summary": "下单时允许了报价提醒，拒绝了排期提醒",
        "value": {"accepted": ["order-quoted"], "rejected": ["order-scheduled"]},
    }
}

"""Named examples of the bodies of sign-in and people; each succeeds against the demo data."""

from typing import Any

REQUEST_CODE: Any = {"owner": {"summary": "业主王女士的手机", "value": {"phone": "13800000003"}}}
VERIFY_CODE: Any = {
    "owner": {"summary": "业主（演示验证码 000000）", "value": {"phone": "13800000003", "code": "000000"}},
    "neighbour": {"summary": "邻居", "value": {"phone": "13800000002", "code": "000000"}},
    "with-privacy": {
        "summary": "首次登录：带姓名，同意隐私告知",
        "value": {"phone": "13800000003", "code": "000000", "name": "王秀英", "privacy_version": "2026-01"},
    },
}
CHANGE_PASSWORD: Any = {
    "change": {
        "summary": "修改自己的密码",
        "value": {"old_password": "demo-2026", "new_password": "a-longer-password-2026"},
    }
}
SEARCH: Any = {
    "by-phone": {"summary": "按来电号码", "value": {"phone": "13800000003"}},
    "by-room": {"summary": "按房号", "value": {"room": "QHC-1-1-102"}},
    "by-last4-and-room": {"summary": "按尾号和房号", "value": {"phone_last4": "0003", "room": "QHC-1-1-102"}},
}
REGISTER: Any = {
    "landline": {
        "summary": "登记只有座机的老人",
        "value": {"name": "赵守义", "phone": "0359-0000-012", "birth_year": 1940, "landline_only": True},
    },
    "child": {
        "summary": "登记没有自己电话的孩子（服务中心）",
        "value": {"name": "周小禾", "birth_year": 2016},
    },
}
PUT_ME: Any = {
    "name": {"summary": "改姓名", "value": {"name": "王秀英", "birth_year": 1944}},
    "phone": {
        "summary": "换手机号（演示验证码 000000）",
        "value": {"name": "王秀英", "phone": "13800000013", "code": "000000"},
    },
}
PUT_RESIDENT: Any = {"birth-year": {"summary": "按身份证补登出生年份", "value": {"name": "王秀英", "birth_year": 1944}}}
REVEAL: Any = {
    "call-back": {"summary": "回电", "value": {"reason": "CALL_BACK"}},
    "other": {"summary": "其他原因，写明", "value": {"reason": "OTHER", "note": "快递放在物业，通知本人来取"}},
}

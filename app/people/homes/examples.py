"""Named examples of the bodies about bindings; each succeeds against the demo data."""

from typing import Any

BIND: Any = {
    "family": {"summary": "家属申请绑定（等服务中心核实）", "value": {"room": "QHC-1-1-201", "role": "FAMILY"}},
    "by-roster": {
        "summary": "业主名册里的手机号（一位业主的第二套房）",
        "value": {"room": "QHC-1-1-202", "role": "OWNER"},
    },
}
INVITE: Any = {
    "tenant": {
        "summary": "邀请租户，租期一年",
        "value": {"role": "TENANT", "start_on": "{{day+0}}", "end_on": "{{day+365}}"},
    },
    "caregiver": {"summary": "邀请照料人", "value": {"role": "CAREGIVER"}},
}
STEPS: Any = {
    "verify": {"summary": "核实通过（服务中心）", "value": {"action": "verify", "role": "FAMILY"}},
    "reject": {"summary": "不通过（服务中心）", "value": {"action": "reject", "reason": "与房产证上的姓名不符"}},
    "withdraw": {"summary": "撤回申请（本人）", "value": {"action": "withdraw"}},
    "suspend": {"summary": "有争议，冻结（服务中心）", "value": {"action": "suspend", "reason": "共有人对产权有争议"}},
    "resume": {"summary": "争议解决，恢复（服务中心）", "value": {"action": "resume"}},
    "end": {"summary": "搬走或解除（本人、邀请他的业主、服务中心）", "value": {"action": "end"}},
}

"""What production has from the start: the town's line, emergency words, and weddings and funerals as kinds of their own."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AMBULANCE = (
    "立即拨打 120，不要等预约。让病人平躺或侧卧，身边不要离人。",
    "Call 120 at once; do not wait for an appointment. Stay with the person.",
)
FIRE_BRIGADE = (
    "人先离开，再拨打 119；不要乘电梯，不要回去取东西。",
    "Get everybody out first, then call 119. Take the stairs; do not go back.",
)
GAS_LEAK = (
    "不要开关任何电器，不要点火；关阀门、开窗，到室外再拨打 119。",
    "Touch no switch and light nothing. Shut the valve, open windows, go outside and call 119 from there.",
)
SPARKS = (
    "人离远一点，不要用水泼；能安全拉闸就拉闸，拨打 119，并拨打 95598 报修。",
    "Keep away and use no water. Switch off the mains if it is safe, call 119, then 95598 for the power company.",
)
SHOCK = (
    "先断电，不要直接用手拉人；拨打 120 和 119。",
    "Cut the power first; do not pull the person with bare hands. Call 120 and 119.",
)
RESCUE = (
    "拨打 119 或 110，说清地点；不要自行扒门或下水。",
    "Call 119 or 110 and say where. Do not force doors or go into the water.",
)
COMFORT = (
    "您或身边的人有危险时，请立即拨打 120 或 110；想找人说说话，可拨打 12356 心理援助热线。",
    "In danger now: call 120 or 110. If you want somebody to talk to, call 12356, the psychological help line.",
)

THINGS = "门铃 门禁 按钮 按键 开关 遥控器 遥控 电梯 暖气 阀门 水龙头 设备 空调 灯 投诉 反映 反映了 物业 充电 电话"
NO_ANSWER = [f"{thing}{answer}" for thing in THINGS.split() for answer in ("没有反应", "没反应", "无反应")]
ALARMS = [
    f"{verb}{gas}{leak}报警器"
    for verb in ("装", "换", "检查", "检修", "维修", "买")
    for gas in ("燃气", "煤气", "天然气")
    for leak in ("泄漏", "泄露")
]


def _not(*names: str) -> list[str]:
    """Somebody says that it is not so."""
    return [f"{no}{name}" for no in ("没有", "没", "无", "未", "不") for name in names]


def _past(*names: str) -> list[str]:
    """Somebody had it once and lives with what is left of it."""
    told = ["得过{}", "患过{}", "曾{}", "曾经{}", "{}后", "{}病史", "{}康复", "{}多年", "{}恢复期", "{}术后"]
    return [phrase.format(name) for phrase in told for name in names]


WORDS: list[tuple[str, str, str, list[str], list[str], tuple[str, str]]] = [
    (
        "UNCONSCIOUS",
        "MEDICAL",
        "昏迷 叫不醒 喊不醒 没有反应 没反应 无反应 晕倒 晕过去 昏倒 昏过去 昏厥 晕厥 休克 不省人事 失去意识 失去知觉 没有意识 "
        "意识不清 神志不清 倒地不起|unconscious|passed out|fainted|unresponsive|won't wake up|can't wake",
        ["120"],
        [*NO_ANSWER, "没反应过来", "没有意识到", *_not("昏迷", "晕倒", "昏倒", "晕厥")],
        AMBULANCE,
    ),
    (
        "NOT_BREATHING",
        "MEDICAL",
        "没有呼吸 没呼吸 没了呼吸 停止呼吸 呼吸停止 不呼吸 喘不上气 喘不过气 上不来气 呼吸困难 没有心跳 没心跳 心跳停止 心脏骤停 "
        "噎住 卡住喉咙 窒息|not breathing|stopped breathing|can't breathe|cannot breathe|trouble breathing|choking|cardiac arrest",
        ["120"],
        [*_not("呼吸困难", "窒息"), "没有呼吸道", "没呼吸道", "没有呼吸机", "没呼吸机"],
        AMBULANCE,
    ),
    (
        "CHEST_PAIN",
        "MEDICAL",
        "胸痛 胸口痛 胸口疼 胸疼 胸闷 胸口闷 心口疼 心口痛 心绞痛 心梗 心肌梗死 心肌梗塞 心脏病发作"
        "|chest pain|chest hurts|pain in my chest|pain in the chest|tight chest|chest tightness|heart attack",
        ["120"],
        [*_not("胸痛", "胸口痛", "胸口疼", "胸疼", "胸闷"), *_past("心梗", "心肌梗死", "心肌梗塞")],
        AMBULANCE,
    ),
    (
        "STROKE",
        "MEDICAL",
        "中风 脑梗 脑出血 脑溢血 口眼歪斜 嘴歪 半边身子动不了 半身动不了 突然说不出话 突然偏瘫"
        "|having a stroke|had a stroke|face is drooping|face drooping|slurred speech",
        ["120"],
        [*_past("中风", "脑梗", "脑出血", "脑溢血"), "中风险", "集中风", "其中风", "高中风", "空中风", "中风档"],
        AMBULANCE,
    ),
    (
        "BLEEDING",
        "MEDICAL",
        "大出血 大量出血 血流不止 流血不止 止不住血 血止不住 喷血 吐血 呕血"
        "|heavy bleeding|bleeding heavily|severe bleeding|won't stop bleeding|vomiting blood",
        ["120"],
        _not("大出血", "吐血", "呕血"),
        AMBULANCE,
    ),
    (
        "SEIZURE",
        "MEDICAL",
        "抽搐 惊厥 癫痫发作 口吐白沫|seizure|convulsion",
        ["120"],
        _not("抽搐", "惊厥"),
        AMBULANCE,
    ),
    (
        "POISONING",
        "MEDICAL",
        "煤气中毒 一氧化碳中毒 食物中毒 农药中毒 中毒了 误服 误食|carbon monoxide|poisoned",
        ["120"],
        ["电脑中毒", "手机中毒", "预防煤气中毒", "防煤气中毒", "预防一氧化碳中毒"],
        AMBULANCE,
    ),
    (
        "BAD_FALL",
        "MEDICAL",
        "摔倒起不来 摔倒了起不来 摔倒动不了 摔了起不来 摔得起不来 坠楼 高处坠落|fallen and can't get up|fell and can't get up",
        ["120"],
        ["防高处坠落", "防止高处坠落"],
        AMBULANCE,
    ),
    (
        "BIRTH",
        "MEDICAL",
        "羊水破 要生了 快生了|water broke|waters broke|in labour",
        ["120"],
        ["要生了锈", "快生了锈"],
        AMBULANCE,
    ),
    (
        "FIRE",
        "FIRE",
        "着火 起火 失火 火灾 浓烟 冒烟 烧起来 爆炸|on fire|fire broke out|there is a fire|smoke is coming|smoke coming out|explosion",
        ["119"],
        [
            *_not("着火", "起火", "失火", "冒烟"),
            *("着火车", "着火锅", "着火点", "一起火", "烟囱冒烟", "信息爆炸", "爆炸头"),
            *("火灾保险", "火灾险", "火灾隐患", "火灾演练", "火灾报警器", "预防火灾", "防火灾", "防止火灾"),
            *("fire door", "fire drill", "fire lane", "fire exit", "fire escape", "fire extinguisher", "fireworks"),
        ],
        FIRE_BRIGADE,
    ),
    (
        "GAS_LEAK",
        "GAS",
        "煤气味 燃气味 天然气味 瓦斯味 煤气的味道 燃气的味道 天然气的味道 臭鸡蛋味 闻到煤气 闻见煤气 闻到燃气 闻到天然气 一股煤气 "
        "煤气泄漏 煤气泄露 燃气泄漏 燃气泄露 天然气泄漏 天然气泄露 漏煤气 漏燃气 漏天然气 煤气漏 燃气漏 天然气漏 "
        "燃气报警器响 煤气报警器响 天然气报警器响"
        "|gas leak|gas is leaking|leaking gas|smell of gas|smells of gas|smell gas|gas smell",
        ["119"],
        [*_not("煤气味", "燃气味", "天然气味", "闻到煤气", "闻到燃气", "漏煤气", "漏燃气"), *ALARMS],
        GAS_LEAK,
    ),
    (
        "SPARKS",
        "ELECTRIC",
        "冒火花 打火花 火花四溅 漏电 电线断落 电线掉|sparks|sparking|live wire",
        ["119", "95598"],
        ["漏电保护", "漏电开关", "漏电断路器", "防漏电", "防止漏电", *_not("冒火花", "漏电")],
        SPARKS,
    ),
    (
        "ELECTRIC_SHOCK",
        "ELECTRIC",
        "触电 被电到 被电了 被电击 电到人|electric shock|electrocuted",
        ["120", "119"],
        ["触电保护", "防触电", "防止触电", "接触电", "碰触电", *_not("触电")],
        SHOCK,
    ),
    (
        "TRAPPED",
        "RESCUE",
        "困在电梯 被困电梯 电梯困人 关在电梯 电梯里出不来 溺水 落水 掉进水 掉进井 掉到井里"
        "|trapped in the lift|trapped in the elevator|stuck in the lift|stuck in the elevator|drowning",
        ["119", "110"],
        ["落水管", "落水口", "落水斗", "落水槽", "防溺水"],
        RESCUE,
    ),
    (
        "SELF_HARM",
        "SELF_HARM",
        "自杀 自残 轻生 寻短见 寻死 不想活 活不下去 活够了 我想死 我要死 跳楼 割腕 上吊 喝农药 服毒 吞安眠药"
        "|suicide|suicidal|kill myself|end my life|want to die|hurt myself",
        ["120", "110", "12356"],
        [
            *("年轻生", "减轻生", "不想活动", "不想活跃", "我想死你", "跳楼价", "跳楼机", "跳楼甩卖"),
            *("上吊灯", "上吊顶", "上吊扇", "上吊柜"),
        ],
        COMFORT,
    ),
]


def _patterns(told: str) -> list[str]:
    chinese, *english = told.split("|")
    return [*chinese.split(), *english]


def _rows() -> list[dict[str, Any]]:
    names = ("code", "category", "patterns", "call", "unless", "texts")
    rows = []
    for ordinal, word in enumerate(WORDS, 1):
        row: dict[str, Any] = dict(zip(names, word, strict=True))
        row["patterns"] = _patterns(row["patterns"])
        row["text"], row["text_en"] = row.pop("texts")
        rows.append({"edition": 1, "ordinal": ordinal, **row})
    return rows


def upgrade() -> None:
    _town_line()
    op.execute("INSERT INTO emergency_edition (number) VALUES (1)")
    columns = ("edition", "ordinal", "code", "category", "patterns", "unless", "call", "text", "text_en")
    types = {"edition": sa.Integer(), "ordinal": sa.Integer()}
    lists = dict.fromkeys(("patterns", "unless", "call"), sa.ARRAY(sa.Text()))
    table = sa.table("emergency_word", *(sa.column(name, {**types, **lists}.get(name, sa.Text())) for name in columns))
    op.bulk_insert(table, _rows())
    op.execute("UPDATE menu_item SET kind = upper(code) WHERE kind = 'CEREMONY' AND code IN ('wedding', 'funeral')")
    op.execute(
        """UPDATE menu_item SET consents = '["HEALTH_DATA", "SHARE_WITH_CLINIC"]'"""
        " WHERE kind = 'HOME_DOCTOR_VISIT' AND consents = '[]'"
    )


def _town_line() -> None:
    """12345, the government's hotline in every town of the country: whoever has no nearer number has this one."""
    op.execute(
        "INSERT INTO duty_roster (id, level, subject, version)"
        " VALUES ('01939e00-0000-7000-8000-000000012345', 'TOWN', '', 1)"
    )
    op.execute(
        "INSERT INTO duty_entry (id, roster_id, ordinal, post, phone, weekdays)"
        " VALUES ('01939e00-0000-7000-8000-000000012346', '01939e00-0000-7000-8000-000000012345', 1,"
        " '政务服务便民热线', '12345', '{0,1,2,3,4,5,6}')"
    )


def downgrade() -> None:
    op.execute("UPDATE menu_item SET kind = 'CEREMONY' WHERE kind IN ('WEDDING', 'FUNERAL')")
    op.execute("DELETE FROM emergency_word")
    op.execute("DELETE FROM emergency_edition")
    op.execute("DELETE FROM duty_entry WHERE roster_id IN (SELECT id FROM duty_roster WHERE level = 'TOWN')")
    op.execute("DELETE FROM duty_roster WHERE level = 'TOWN'")

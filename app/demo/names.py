"""Invented names for the areas and compounds that the report counts and does not name."""

from collections.abc import Iterator

STREETS = ("城西街道", "城东街道", "城北街道")
NEIGHBOURHOODS = {
    "城西街道": ("中山社区", "西厢社区", "舜都社区", "蒲津社区"),
    "城东街道": ("杏北社区", "杏南社区", "涑水社区", "东环社区"),
    "城北街道": ("北园社区", "铁西社区", "电机社区", "河东社区"),
}
_FIRST = ("兴", "和", "康", "永", "春", "金", "安", "福", "瑞", "华", "清", "景", "吉", "光", "文", "德", "新")
_SECOND = ("盛", "乐", "宁", "泰", "晖", "祥", "园", "苑", "馨", "源", "居", "庭", "和", "水", "林", "阳")
_LAST = ("小区", "家属院", "生活区", "宿舍院", "花园")


def compound_names() -> Iterator[str]:
    """A thousand and more plausible names, never one twice."""
    for last in _LAST:
        for first in _FIRST:
            for second in _SECOND:
                if first != second:
                    yield f"{first}{second}{last}"

"""Every line that the program logs in the whole suite is searched: no phone, no token, no code, no name may be in it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[\w+ *\] .*$", re.MULTILINE)
"""What a log line looks like, among whatever else a test prints."""
SECRETS = {
    "phone": re.compile(r"(?<!\d)(?:\+86)?1380000\d{4}(?!\d)|(?:\+86)?0?359-?0000-?[0-3]\d\d(?!\d)"),
    "token": re.compile(r"dd[sir]_[A-Za-z0-9_-]{8}|eyJ[A-Za-z0-9_-]{8}"),
    "code": re.compile(r"\b(?:code|door_code|otp)=['\"]?\d{4,6}\b"),
    "name": re.compile("王秀英|周文山|吴春梅|李晓兰|郑远航"),
    "note": re.compile("降压药|血压平稳"),
}


def found(printed: str) -> list[str]:
    """What is in the log lines of a text and must not be; the kinds alone, not the values."""
    lines = LINE.findall(printed)
    return sorted({kind for kind, secret in SECRETS.items() for line in lines if secret.search(line)})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    report = yield
    if report.when == "call" and report.passed:
        told = found("".join(text for title, text in report.sections if title.startswith("Captured std")))
        if told:
            report.outcome, report.longrepr = "failed", f"{item.nodeid}: the log tells {', '.join(told)}"
    return report

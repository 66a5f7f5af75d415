"""How bills and their lines lie in JSON columns: decimals as text, amounts found anew from them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from app.kinds.effects import Notice
from app.kinds.facts import Bill, BillLine


def stored_line(line: BillLine) -> dict[str, str]:
    return {
        "code": line.code,
        "label": line.label,
        "quantity": f"{line.quantity:f}",
        "unit": line.unit,
        "unit_price": f"{line.unit_price:f}",
    }


def line_of(row: dict[str, str]) -> BillLine:
    return BillLine(row["code"], row["label"], Decimal(row["quantity"]), row["unit"], Decimal(row["unit_price"]))


def stored_warnings(notices: Iterable[Notice], acks: frozenset[str]) -> list[dict[str, Any]]:
    """What was said before the order, with whether it was acknowledged."""
    return [
        {
            "code": notice.code,
            "text": list(notice.text),
            "source": notice.source,
            "ack": notice.ack,
            "acknowledged": notice.code in acks,
        }
        for notice in notices
    ]


def stored_bill(bill: Bill) -> dict[str, Any]:
    lines = [stored_line(line) for line in bill.lines]
    return {"lines": lines, "total_fen": bill.total_fen, "due_now_fen": bill.due_now_fen}


def bill_of(row: dict[str, Any]) -> Bill:
    return Bill(tuple(line_of(line) for line in row["lines"]), row["total_fen"], row["due_now_fen"])

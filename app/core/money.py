"""Money: integer fen; unit rates are decimals; each line is rounded once, half up."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Fen = NewType("Fen", int)

MAX_FEN = 10_000_000_000
"""One hundred million yuan: the largest amount of one line that payment platforms take."""


def line_fen(quantity: Decimal | int, unit_price_yuan: Decimal) -> Fen:
    """Quantity times unit price in yuan, rounded once to fen, half up: 96.37 x 0.50 yuan is 4819 fen."""
    return Fen(int((Decimal(quantity) * unit_price_yuan * 100).quantize(Decimal(1), ROUND_HALF_UP)))


def share_fen(amount: int, percent: int) -> Fen:
    """The percentage of an amount, rounded once to fen, half up."""
    return Fen(int((Decimal(amount) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)))


def yuan(amount: int) -> str:
    """`1704.00` for 170400 fen; negative amounts keep their sign."""
    sign, fen = ("-" if amount < 0 else ""), abs(amount)
    return f"{sign}{fen // 100}.{fen % 100:02d}"

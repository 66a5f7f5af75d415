"""Money is rounded once for each line, half up, and never before."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import line_fen, share_fen, yuan

QUANTITIES = st.decimals(min_value=0, max_value=1_000_000, places=3)
PRICES = st.decimals(min_value=0, max_value=100_000, places=4)


@pytest.mark.parametrize(
    ("quantity", "unit_price", "fen"),
    [
        (Decimal("96.37"), "0.50", 4819),  # 48.185
        (Decimal("96.37") * 3, "0.50", 14456),  # 144.555
        (Decimal("888.39"), "0.50", 44420),  # 444.195
        (3, "35.005", 10502),  # 105.015
        (1, "0.005", 1),
        (1, "0.0049", 0),
        (0, "150.00", 0),
        (1, "-0.005", -1),
    ],
)
def test_half_a_fen_goes_up(quantity, unit_price, fen):
    assert line_fen(quantity, Decimal(unit_price)) == fen


def test_three_months_in_one_line_are_not_three_rounded_months():
    month, quarter = line_fen(Decimal("96.37"), Decimal("0.50")), line_fen(Decimal("289.11"), Decimal("0.50"))

    assert (month * 3, quarter) == (14457, 14456)


@given(quantity=QUANTITIES, price=PRICES)
def test_every_line_is_the_exact_product_rounded_once(quantity, price):
    exact = Fraction(quantity) * Fraction(price) * 100

    assert line_fen(quantity, price) == floor(exact + Fraction(1, 2))


@pytest.mark.parametrize(
    ("amount", "percent", "fen"), [(4819, 30, 1446), (1, 50, 1), (1, 49, 0), (10_000, 100, 10_000)]
)
def test_a_share_is_rounded_once_half_up(amount, percent, fen):
    assert share_fen(amount, percent) == fen


@pytest.mark.parametrize(
    ("amount", "text"), [(170_400, "1704.00"), (4819, "48.19"), (5, "0.05"), (0, "0.00"), (-5, "-0.05")]
)
def test_fen_are_said_in_yuan_with_two_places(amount, text):
    assert yuan(amount) == text


@given(st.integers(min_value=-(10**10), max_value=10**10))
def test_yuan_say_the_very_amount(amount):
    assert Decimal(yuan(amount)) * 100 == amount

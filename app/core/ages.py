"""Ages from a year of birth alone: the younger age is assumed where somebody is protected for being young."""

from datetime import date

CONSENTS_AT, ADULT_AT = 14, 18
"""PIPL, art. 31: under fourteen a guardian consents. Civil Code, art. 17: an adult is eighteen."""

BANDS = ((80, "80+"), (60, "60-79"), (18, "18-59"), (14, "14-17"), (0, "0-13"))


def age_band(birth_year: int | None, today: date) -> str | None:
    """`80+`, `60-79`, `18-59`, `14-17` or `0-13`, by the age reached in this year; None when nothing is known."""
    if birth_year is None:
        return None
    return next(band for least, band in BANDS if today.year - birth_year >= least)


def is_under(age: int, birth_year: int | None, today: date) -> bool:
    """Whether somebody may still be younger than this; whoever has not told a year is taken for an adult."""
    return birth_year is not None and today.year - birth_year <= age

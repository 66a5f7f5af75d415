"""Telephone numbers: what people type becomes E.164, or is refused."""

from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, Field

REGION = "CN"


def normalise(text: str) -> str:
    """`13800000001`, `+86 138…` or `0359-0000-012` as E.164; raises ValueError("phone").

    Numbers of the right length are taken even where no operator has the prefix: demonstrations use such numbers.
    """
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError("phone") from error
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise ValueError("phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_mobile(phone: str) -> bool:
    """Whether a text message can reach this E.164 number."""
    return phone.startswith("+861") and len(phone) == 14


Phone = Annotated[
    str,
    Field(min_length=5, max_length=20, pattern=r"^\+?[0-9][0-9 -]{3,18}$", examples=["13800000001"]),
    AfterValidator(normalise),
]
PublicLine = Annotated[
    str, Field(min_length=3, max_length=20, pattern=r"^\+?[0-9][0-9 -]{2,18}$", examples=["0359-0000-531"])
]
"""A number that everybody may call, short ones like 12345 too; kept as it is read out."""

"""What crosses the wire about clinics."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.areas.models import Clinic
from app.core.phones import PublicLine
from app.core.text import Line

CompoundRef = Annotated[str, Field(min_length=2, max_length=20, pattern=r"^[A-Z0-9-]+$")]


class PutClinic(BaseModel):
    """A clinic and all the compounds that it serves; one that another clinic served so far is taken over."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    phone: PublicLine
    compounds: Annotated[list[CompoundRef], Field(max_length=500)]


class ClinicRead(BaseModel):
    code: Annotated[str, Field(max_length=40)]
    name: Annotated[str, Field(max_length=100)]
    phone: Annotated[str, Field(max_length=20)]
    compounds: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=1000)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]

    @classmethod
    def of(cls, clinic: Clinic, compounds: Iterable[str]) -> "ClinicRead":
        return cls(
            code=clinic.code, name=clinic.name, phone=clinic.phone, compounds=sorted(compounds), version=clinic.version
        )

"""The declarative base: naming convention, ids, versions and timestamps that every table shares."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, MetaData, Text, Uuid, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.core.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of the house."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid(), str: Text()}  # noqa: RUF012 SQLAlchemy reads it from the class


class Identified:
    """A UUIDv7 made by the application."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class Created:
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Versioned(Created):
    """A version that whoever writes the row raises by one; ETag and If-Match speak of it."""

    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


def one_of(column: str, members: object, *, name: str | None = None) -> CheckConstraint:
    """A CHECK that a text column holds a member of a closed set; never a native enum, so that deploys can roll."""
    values = ", ".join(f"'{member}'" for member in members)  # type: ignore[attr-defined]
    return CheckConstraint(f"{column} IN ({values})", name=name or column)

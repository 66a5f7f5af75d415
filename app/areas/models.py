"""Areas and places: 233 compounds were grouped into 162 management areas, so a compound is not an area."""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base, Identified, Versioned, one_of


class OperatorKind(StrEnum):
    """Who runs an area: 99 of the 162 have no company."""

    COMPANY = "COMPANY"
    COMMUNITY_OFFICE = "COMMUNITY_OFFICE"
    HOST_UNIT = "HOST_UNIT"


class RoomUse(StrEnum):
    RESIDENTIAL = "RESIDENTIAL"
    SHOP = "SHOP"
    STORAGE = "STORAGE"
    PARKING = "PARKING"


class AreaClass(Base):
    """How an area came to have service; rows, because a town may sort its compounds otherwise."""

    __tablename__ = "area_class"

    code: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    label_en: Mapped[str]
    ordinal: Mapped[int]


class AreaStage(Base):
    """How far an area has come."""

    __tablename__ = "area_stage"

    code: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    label_en: Mapped[str]
    ordinal: Mapped[int]


class Operator(Identified, Versioned, Base):
    """A property company, a community office or a host unit."""

    __tablename__ = "operator"
    __table_args__ = (one_of("kind", OperatorKind),)

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    phone: Mapped[str | None]
    invented: Mapped[bool]


class ManagementArea(Identified, Versioned, Base):
    """物业管理区域: the unit that has an operator, a committee and a class."""

    __tablename__ = "management_area"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    class_code: Mapped[str] = mapped_column(ForeignKey("area_class.code"), index=True)
    stage_code: Mapped[str] = mapped_column(ForeignKey("area_stage.code"))
    street: Mapped[str]
    neighbourhood: Mapped[str]
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"), index=True)
    invented: Mapped[bool]

    area_class: Mapped[AreaClass] = relationship(lazy="raise")
    stage: Mapped[AreaStage] = relationship(lazy="raise")
    operator: Mapped[Operator] = relationship(lazy="raise")


class Compound(Identified, Versioned, Base):
    """A residential compound; `invented` marks demo data that no published fact stands behind."""

    __tablename__ = "compound"
    __table_args__ = (Index("ix_compound_name", "name", "id"),)

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    area_id: Mapped[UUID] = mapped_column(ForeignKey("management_area.id"), index=True)
    built_year: Mapped[int | None]
    building_count: Mapped[int | None]
    household_count: Mapped[int | None]
    residents_at_least: Mapped[int | None]
    staff_count: Mapped[int | None]
    invented: Mapped[bool]

    area: Mapped[ManagementArea] = relationship(lazy="raise")


class Building(Identified, Base):
    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("compound_id", "code"),)

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compound.id"))
    code: Mapped[str]
    name: Mapped[str]


class Unit(Identified, Base):
    """单元: a staircase of a building."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("building_id", "code"),)

    building_id: Mapped[UUID] = mapped_column(ForeignKey("building.id"))
    code: Mapped[str]
    name: Mapped[str]


class Room(Identified, Base):
    """A flat or another saleable space. `code` (`TYY-5-2-301`) is what integrators call `out_room_id`."""

    __tablename__ = "room"
    __table_args__ = (
        one_of("use", RoomUse),
        CheckConstraint("area_m2 > 0 AND area_m2 < 100000", name="area_m2"),
        Index("ix_room_compound_id_code", "compound_id", "code"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compound.id"))
    building_id: Mapped[UUID] = mapped_column(ForeignKey("building.id"), index=True)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    number: Mapped[str]
    label: Mapped[str]
    floor: Mapped[int]
    area_m2: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    use: Mapped[str]


class Clinic(Identified, Versioned, Base):
    """社区卫生服务中心: whose doctors visit the compounds that it serves. The phone is public and kept as it is read out."""

    __tablename__ = "clinic"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str]


class ClinicCompound(Base):
    """Which clinic serves a compound: one at a time."""

    __tablename__ = "clinic_compound"

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compound.id"), primary_key=True)
    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinic.id"), index=True)

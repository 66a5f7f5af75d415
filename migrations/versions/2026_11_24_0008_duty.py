"""Duty rosters, clinics and whom they serve, emergency words; day parts that an item may book."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

VERSIONED = (
    ("version", sa.Integer(), None),
    ("updated_at", sa.DateTime(timezone=True), sa.text("now()")),
    ("created_at", sa.DateTime(timezone=True), sa.text("now()")),
)


def _versioned() -> list[sa.Column[object]]:
    return [sa.Column(name, kind, server_default=default, nullable=False) for name, kind, default in VERSIONED]


def upgrade() -> None:
    _clinics()
    _duty()
    _emergencies()
    op.add_column("resource_use", sa.Column("parts", sa.ARRAY(sa.Text()), nullable=True))
    op.add_column("resource", sa.Column("clinic_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_resource_clinic_id"), "resource", "clinic", ["clinic_id"], ["id"])
    op.create_index(op.f("ix_resource_clinic_id"), "resource", ["clinic_id"])
    op.alter_column("resource", "area_id", nullable=True)
    op.create_check_constraint(op.f("ck_resource_owner"), "resource", "(area_id IS NULL) = (clinic_id IS NOT NULL)")


def _clinics() -> None:
    op.create_table(
        "clinic",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic")),
        sa.UniqueConstraint("code", name=op.f("uq_clinic_code")),
    )
    op.create_table(
        "clinic_compound",
        sa.Column("compound_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_clinic_compound_clinic_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_clinic_compound_compound_id")),
        sa.PrimaryKeyConstraint("compound_id", name=op.f("pk_clinic_compound")),
    )
    op.create_index(op.f("ix_clinic_compound_clinic_id"), "clinic_compound", ["clinic_id"])
    op.add_column("staff", sa.Column("clinic_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_staff_clinic_id"), "staff", "clinic", ["clinic_id"], ["id"])


def _duty() -> None:
    op.create_table(
        "duty_roster",
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *_versioned(),
        sa.CheckConstraint(
            "level IN ('COMPOUND', 'OPERATOR', 'COMMUNITY', 'STREET', 'TOWN')", name=op.f("ck_duty_roster_level")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_roster")),
        sa.UniqueConstraint("level", "subject", name=op.f("uq_duty_roster_level_subject")),
    )
    op.create_table(
        "duty_entry",
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("weekdays", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("from_time", sa.Time(), nullable=True),
        sa.Column("until_time", sa.Time(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "weekdays <> '{}' AND weekdays <@ ARRAY[0, 1, 2, 3, 4, 5, 6]", name=op.f("ck_duty_entry_weekdays")
        ),
        sa.CheckConstraint("(from_time IS NULL) = (until_time IS NULL)", name=op.f("ck_duty_entry_times")),
        sa.ForeignKeyConstraint(
            ["roster_id"], ["duty_roster.id"], name=op.f("fk_duty_entry_roster_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_duty_entry_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_entry")),
        sa.UniqueConstraint("roster_id", "ordinal", name=op.f("uq_duty_entry_roster_id_ordinal")),
    )
    op.create_index(op.f("ix_duty_entry_staff_id"), "duty_entry", ["staff_id"])


def _emergencies() -> None:
    op.create_table(
        "emergency_edition",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_emergency_edition_created_by")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_emergency_edition")),
    )
    op.create_table(
        "emergency_word",
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("patterns", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("unless", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("call", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "category IN ('MEDICAL', 'FIRE', 'GAS', 'ELECTRIC', 'RESCUE', 'SELF_HARM')",
            name=op.f("ck_emergency_word_category"),
        ),
        sa.ForeignKeyConstraint(["edition"], ["emergency_edition.number"], name=op.f("fk_emergency_word_edition")),
        sa.PrimaryKeyConstraint("edition", "code", name=op.f("pk_emergency_word")),
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_resource_owner"), "resource", type_="check")
    op.execute(
        "UPDATE resource SET area_id = c.area_id FROM resource_use u JOIN compound c ON c.id = u.compound_id"
        " WHERE resource.area_id IS NULL AND u.resource_id = resource.id"
    )
    op.alter_column("resource", "area_id", nullable=False)
    op.drop_column("resource", "clinic_id")
    op.drop_column("resource_use", "parts")
    op.drop_table("emergency_word")
    op.drop_table("emergency_edition")
    op.drop_table("duty_entry")
    op.drop_table("duty_roster")
    op.drop_column("staff", "clinic_id")
    op.drop_table("clinic_compound")
    op.drop_table("clinic")

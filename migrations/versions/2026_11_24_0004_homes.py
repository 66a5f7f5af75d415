"""Homes: what a binding stands on, the roster, invitations, disclosures, consent texts, and how fresh a phone is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OLD_STATUSES = "status IN ('PENDING', 'VERIFIED', 'SUSPENDED', 'ENDED')"
STATUSES = "status IN ('PENDING', 'VERIFIED', 'SUSPENDED', 'REJECTED', 'ENDED')"
STAFF = "role IN ('ADMIN', 'AGENT', 'CLERK', 'CLINIC', 'COMMITTEE', 'MANAGER', 'REGULATOR', 'WORKER')"


def upgrade() -> None:
    _resident()
    _residency()
    _roster()
    _disclosure()
    op.create_table(
        "consent_text",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_consent_text")),
    )


def _resident() -> None:
    op.add_column("resident", sa.Column("phone_verified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("resident", sa.Column("privacy_version", sa.Text(), nullable=True))
    op.add_column("resident", sa.Column("privacy_accepted_at", sa.DateTime(timezone=True), nullable=True))


def _residency() -> None:
    op.add_column("residency", sa.Column("verified_by", sa.Text(), nullable=True))
    op.add_column("residency", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("residency", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("residency", sa.Column("reason", sa.LargeBinary(), nullable=True))
    for column, table in (("requested_by", "staff"), ("invited_by", "resident"), ("decided_by", "staff")):
        op.add_column("residency", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_residency_{column}"), "residency", table, [column], ["id"])
    op.create_check_constraint(
        op.f("ck_residency_verified_by"), "residency", "verified_by IN ('ROSTER', 'INVITATION', 'CLERK')"
    )
    op.create_check_constraint(op.f("ck_residency_period"), "residency", "end_on IS NULL OR end_on >= start_on")
    op.drop_constraint(op.f("ck_residency_status"), "residency", type_="check")
    op.create_check_constraint(op.f("ck_residency_status"), "residency", STATUSES)


def _roster() -> None:
    op.create_table(
        "roster_entry",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "role IN ('OWNER', 'CO_OWNER', 'FAMILY', 'TENANT', 'CAREGIVER')", name=op.f("ck_roster_entry_role")
        ),
        sa.CheckConstraint("end_on IS NULL OR end_on > start_on", name=op.f("ck_roster_entry_period")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_roster_entry_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entry")),
        sa.UniqueConstraint("room_id", "phone_index", "role", name=op.f("uq_roster_entry_room_id_phone_index_role")),
    )
    op.create_table(
        "residency_invitation",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("role IN ('FAMILY', 'TENANT', 'CAREGIVER')", name=op.f("ck_residency_invitation_role")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_residency_invitation_room_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["resident.id"], name=op.f("fk_residency_invitation_invited_by")),
        sa.ForeignKeyConstraint(["used_by"], ["resident.id"], name=op.f("fk_residency_invitation_used_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residency_invitation")),
        sa.UniqueConstraint("code_index", name=op.f("uq_residency_invitation_code_index")),
    )
    op.create_index(op.f("ix_residency_invitation_invited_by"), "residency_invitation", ["invited_by"], unique=False)


def _disclosure() -> None:
    op.create_table(
        "disclosure",
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(STAFF, name=op.f("ck_disclosure_role")),
        sa.CheckConstraint(
            "reason IN ('CALL_BACK', 'EMERGENCY', 'IDENTITY_CHECK', 'COMPLAINT', 'OTHER')",
            name=op.f("ck_disclosure_reason"),
        ),
        sa.CheckConstraint("outcome IN ('SHOWN', 'DENIED')", name=op.f("ck_disclosure_outcome")),
        sa.ForeignKeyConstraint(["subject_id"], ["resident.id"], name=op.f("fk_disclosure_subject_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_disclosure_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index("ix_disclosure_subject_id_id", "disclosure", ["subject_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("consent_text")
    op.drop_index("ix_disclosure_subject_id_id", table_name="disclosure")
    op.drop_table("disclosure")
    op.drop_index(op.f("ix_residency_invitation_invited_by"), table_name="residency_invitation")
    op.drop_table("residency_invitation")
    op.drop_table("roster_entry")
    op.execute("UPDATE residency SET status = 'ENDED' WHERE status = 'REJECTED'")
    op.drop_constraint(op.f("ck_residency_status"), "residency", type_="check")
    op.create_check_constraint(op.f("ck_residency_status"), "residency", OLD_STATUSES)
    op.drop_constraint(op.f("ck_residency_period"), "residency", type_="check")
    op.drop_constraint(op.f("ck_residency_verified_by"), "residency", type_="check")
    for column in ("decided_by", "invited_by", "requested_by"):
        op.drop_constraint(op.f(f"fk_residency_{column}"), "residency", type_="foreignkey")
        op.drop_column("residency", column)
    for column in ("reason", "due_on", "verified_at", "verified_by"):
        op.drop_column("residency", column)
    for column in ("privacy_accepted_at", "privacy_version", "phone_verified_at"):
        op.drop_column("resident", column)

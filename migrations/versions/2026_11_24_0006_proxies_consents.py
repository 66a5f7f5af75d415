"""People: proxies, consents, a year of birth, being away or dead, and accounts that are closed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHANNELS = "IN ('MINI_PROGRAM', 'PHONE', 'COUNTER', 'CHAT_GROUP', 'HOTLINE_12345', 'VISIT', 'SYSTEM')"


def upgrade() -> None:
    op.add_column("resident", sa.Column("birth_year", sa.LargeBinary(), nullable=True))
    op.add_column("resident", sa.Column("away_since", sa.Date(), nullable=True))
    op.add_column("resident", sa.Column("deceased_on", sa.Date(), nullable=True))
    op.add_column("resident", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    _proxy()
    _consent()
    op.add_column("phone_code", sa.Column("proxy_id", sa.Uuid(), nullable=True))


def _proxy() -> None:
    op.create_table(
        "proxy_grant",
        sa.Column("principal_id", sa.Uuid(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("relation", sa.LargeBinary(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("named", sa.LargeBinary(), nullable=True),
        sa.Column("paper_number", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "evidence IN ('CODE_SMS', 'SIGNED_PAPER', 'GUARDIANSHIP')", name=op.f("ck_proxy_grant_evidence")
        ),
        sa.CheckConstraint(
            "status IN ('PENDING', 'ACTIVE', 'REVOKED', 'EXPIRED', 'DECLINED')", name=op.f("ck_proxy_grant_status")
        ),
        sa.CheckConstraint("principal_id IS NOT NULL OR holder_id IS NOT NULL", name=op.f("ck_proxy_grant_somebody")),
        sa.CheckConstraint(
            "status <> 'ACTIVE' OR (principal_id IS NOT NULL AND holder_id IS NOT NULL)",
            name=op.f("ck_proxy_grant_both"),
        ),
        sa.CheckConstraint("principal_id <> holder_id", name=op.f("ck_proxy_grant_two")),
        sa.CheckConstraint(
            "valid_until > valid_from AND valid_until <= valid_from + '1 year'::interval",
            name=op.f("ck_proxy_grant_period"),
        ),
        sa.CheckConstraint("(evidence = 'CODE_SMS') = (paper_number IS NULL)", name=op.f("ck_proxy_grant_paper")),
        sa.ForeignKeyConstraint(["principal_id"], ["resident.id"], name=op.f("fk_proxy_grant_principal_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["resident.id"], name=op.f("fk_proxy_grant_holder_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["resident.id"], name=op.f("fk_proxy_grant_asked_by")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_proxy_grant_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy_grant")),
    )
    op.create_index(op.f("ix_proxy_grant_principal_id"), "proxy_grant", ["principal_id"], unique=False)
    op.create_index(op.f("ix_proxy_grant_holder_id"), "proxy_grant", ["holder_id"], unique=False)
    op.create_index(
        "uq_proxy_grant_active",
        "proxy_grant",
        ["holder_id", "principal_id"],
        unique=True,
        postgresql_where=sa.text("status = 'ACTIVE'"),
    )


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("given_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_channel", sa.Text(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("code IN ('HEALTH_DATA', 'SHARE_WITH_CLINIC')", name=op.f("ck_consent_code")),
        sa.CheckConstraint(f"channel {CHANNELS}", name=op.f("ck_consent_channel")),
        sa.CheckConstraint("evidence IN ('IN_APP', 'SPOKEN_ON_CALL', 'PAPER')", name=op.f("ck_consent_evidence")),
        sa.CheckConstraint(f"withdrawn_channel {CHANNELS}", name=op.f("ck_consent_withdrawn_channel")),
        sa.CheckConstraint("(recipient IS NOT NULL) = (code = 'SHARE_WITH_CLINIC')", name=op.f("ck_consent_recipient")),
        sa.ForeignKeyConstraint(["subject_id"], ["resident.id"], name=op.f("fk_consent_subject_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["resident.id"], name=op.f("fk_consent_given_by_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_consent_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_subject_id_id", "consent", ["subject_id", "id"], unique=False)
    current = "withdrawn_at IS NULL AND replaced_at IS NULL"
    op.create_index(
        "uq_consent_current",
        "consent",
        ["subject_id", "code"],
        unique=True,
        postgresql_where=sa.text(f"{current} AND recipient IS NULL"),
    )
    op.create_index(
        "uq_consent_current_recipient",
        "consent",
        ["subject_id", "code", "recipient"],
        unique=True,
        postgresql_where=sa.text(current),
    )


def downgrade() -> None:
    op.drop_column("phone_code", "proxy_id")
    for index in ("uq_consent_current_recipient", "uq_consent_current", "ix_consent_subject_id_id"):
        op.drop_index(index, table_name="consent")
    op.drop_table("consent")
    op.drop_index("uq_proxy_grant_active", table_name="proxy_grant")
    op.drop_index(op.f("ix_proxy_grant_holder_id"), table_name="proxy_grant")
    op.drop_index(op.f("ix_proxy_grant_principal_id"), table_name="proxy_grant")
    op.drop_table("proxy_grant")
    for column in ("closed_at", "deceased_on", "away_since", "birth_year"):
        op.drop_column("resident", column)

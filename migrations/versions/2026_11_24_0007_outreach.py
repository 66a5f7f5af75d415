"""Outreach: call tasks, notifications, and how each of them went out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TYPES = "'LANDLINE', 'UNCONFIRMED_FUNERAL', 'UNREACHED_PATIENT', 'CONSENT', 'CALL_FIRST', 'HELP_SIGN', 'CLASH'"
OUTCOMES = "'TOLD', 'AGREED', 'DECLINED', 'CALL_BACK', 'WRONG_NUMBER', 'NOT_REACHED'"


def upgrade() -> None:
    _call_task()
    _notification()


def _call_task() -> None:
    op.create_table(
        "call_task",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("compound_id", sa.Uuid(), nullable=True),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_number", sa.Text(), nullable=True),
        sa.Column("resident_id", sa.Uuid(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(f"type IN ({TYPES})", name=op.f("ck_call_task_type")),
        sa.CheckConstraint("status IN ('OPEN', 'CLAIMED', 'DONE', 'CANCELLED')", name=op.f("ck_call_task_status")),
        sa.CheckConstraint(f"outcome IN ({OUTCOMES})", name=op.f("ck_call_task_outcome")),
        sa.CheckConstraint("tries BETWEEN 0 AND 3", name=op.f("ck_call_task_tries")),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_call_task_compound_id")),
        sa.ForeignKeyConstraint(["area_id"], ["management_area.id"], name=op.f("fk_call_task_area_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_call_task_resident_id")),
        sa.ForeignKeyConstraint(["claimed_by"], ["staff.id"], name=op.f("fk_call_task_claimed_by")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_task_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_task")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_call_task_dedup_key")),
    )
    waits = sa.text("ended_at IS NULL")
    op.create_index("ix_call_task_waiting", "call_task", ["due_at", "id"], unique=False, postgresql_where=waits)
    op.create_index("ix_call_task_order_id", "call_task", ["order_id"], unique=False, postgresql_where=waits)
    for column in ("compound_id", "area_id", "resident_id"):
        op.create_index(op.f(f"ix_call_task_{column}"), "call_task", [column], unique=False)


def _notification() -> None:
    op.create_table(
        "notification",
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("compound_id", sa.Uuid(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_notification_resident_id")),
        sa.ForeignKeyConstraint(["compound_id"], ["compound.id"], name=op.f("fk_notification_compound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_notification_dedup_key")),
    )
    op.create_index("ix_notification_resident_id_id", "notification", ["resident_id", "id"], unique=False)
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["resident_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "notification_delivery",
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('WECHAT', 'SMS', 'CALL')", name=op.f("ck_notification_delivery_channel")),
        sa.CheckConstraint("state IN ('SENDING', 'SENT', 'FAILED')", name=op.f("ck_notification_delivery_state")),
        sa.CheckConstraint("tries >= 1", name=op.f("ck_notification_delivery_tries")),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_notification_delivery_notification_id")
        ),
        sa.PrimaryKeyConstraint("notification_id", "channel", name=op.f("pk_notification_delivery")),
    )


def downgrade() -> None:
    op.drop_table("notification_delivery")
    op.drop_table("notification")
    op.drop_table("call_task")

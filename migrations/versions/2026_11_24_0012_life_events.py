"""Life events: in hospital, back home, dead, and who reported it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHANNELS = "IN ('MINI_PROGRAM', 'PHONE', 'COUNTER', 'CHAT_GROUP', 'HOTLINE_12345', 'VISIT', 'SYSTEM')"


def upgrade() -> None:
    op.create_table(
        "life_event",
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "type IN ('HOSPITALISED', 'RETURNED', 'DECEASED', 'NOT_DECEASED')", name=op.f("ck_life_event_type")
        ),
        sa.CheckConstraint("role IN ('RESIDENT', 'AGENT', 'CLINIC', 'CLERK')", name=op.f("ck_life_event_role")),
        sa.CheckConstraint(f"channel {CHANNELS}", name=op.f("ck_life_event_channel")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_life_event_resident_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["resident.id"], name=op.f("fk_life_event_reported_by")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_life_event_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_life_event")),
    )
    op.create_index("ix_life_event_resident_id_id", "life_event", ["resident_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_life_event_resident_id_id", table_name="life_event")
    op.drop_table("life_event")

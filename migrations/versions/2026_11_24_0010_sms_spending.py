"""Text messages: what a day's have cost."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sms_spending",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spent_fen", sa.Integer(), nullable=False),
        sa.CheckConstraint("spent_fen >= 0", name=op.f("ck_sms_spending_spent_fen")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_sms_spending")),
    )


def downgrade() -> None:
    op.drop_table("sms_spending")

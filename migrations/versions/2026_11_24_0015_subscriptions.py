"""WeChat: how many messages of a template a resident has agreed to."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wechat_subscription",
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("remaining BETWEEN 0 AND 100", name=op.f("ck_wechat_subscription_remaining")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_wechat_subscription_resident_id")),
        sa.PrimaryKeyConstraint("resident_id", "template", name=op.f("pk_wechat_subscription")),
    )


def downgrade() -> None:
    op.drop_table("wechat_subscription")

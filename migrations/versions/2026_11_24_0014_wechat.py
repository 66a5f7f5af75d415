"""WeChat: accounts that sign residents in, offers to link one, and the mini-program's own token."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wechat_account",
        sa.Column("openid", sa.LargeBinary(), nullable=False),
        sa.Column("openid_index", sa.LargeBinary(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_wechat_account_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_account")),
        sa.UniqueConstraint("openid_index", name=op.f("uq_wechat_account_openid_index")),
    )
    op.create_index(op.f("ix_wechat_account_resident_id"), "wechat_account", ["resident_id"], unique=False)
    op.create_table(
        "wechat_link",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("openid", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_wechat_link")),
    )
    op.create_table(
        "wechat_access_token",
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_wechat_access_token")),
    )


def downgrade() -> None:
    op.drop_table("wechat_access_token")
    op.drop_table("wechat_link")
    op.drop_index(op.f("ix_wechat_account_resident_id"), table_name="wechat_account")
    op.drop_table("wechat_account")

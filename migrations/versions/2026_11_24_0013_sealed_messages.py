"""What messages say is sealed; a message may be refused for good. What stands there in the clear is not kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATE = "ck_notification_delivery_state"


def upgrade() -> None:
    _forget()
    for table in ("notification", "call_task"):
        op.drop_column(table, "params")
        op.add_column(table, sa.Column("params", sa.LargeBinary(), nullable=False))
    op.drop_constraint(op.f(STATE), "notification_delivery", type_="check")
    states = "state IN ('SENDING', 'SENT', 'FAILED', 'REFUSED')"
    op.create_check_constraint(op.f(STATE), "notification_delivery", states)


def _forget() -> None:
    op.execute("DELETE FROM notification_delivery")
    op.execute("DELETE FROM notification")
    op.execute("DELETE FROM call_task")


def downgrade() -> None:
    _forget()
    op.drop_constraint(op.f(STATE), "notification_delivery", type_="check")
    op.create_check_constraint(op.f(STATE), "notification_delivery", "state IN ('SENDING', 'SENT', 'FAILED')")
    for table in ("notification", "call_task"):
        op.drop_column(table, "params")
        op.add_column(table, sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False))

"""An order may wait for its subject: the one whom it is for, whoever placed it."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BEFORE = "'RESIDENT', 'AGENT', 'OWNER', 'CREW', 'MANAGER', 'CLERK', 'COMMITTEE', 'CLINIC', 'DUTY', 'SYSTEM'"
NAME = "ck_service_order_waits_for"


def upgrade() -> None:
    op.drop_constraint(op.f(NAME), "service_order", type_="check")
    op.create_check_constraint(op.f(NAME), "service_order", f"waits_for IN ('SUBJECT', {BEFORE})")


def downgrade() -> None:
    op.execute("UPDATE service_order SET waits_for = 'RESIDENT' WHERE waits_for = 'SUBJECT'")
    op.drop_constraint(op.f(NAME), "service_order", type_="check")
    op.create_check_constraint(op.f(NAME), "service_order", f"waits_for IN ({BEFORE})")

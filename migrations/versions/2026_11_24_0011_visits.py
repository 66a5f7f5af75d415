"""Orders for somebody else, orders that a clinic takes, what was said before ordering, and who goes first."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REASONS = "'CALL_BACK', 'EMERGENCY', 'IDENTITY_CHECK', 'COMPLAINT', 'OTHER'"
COLUMNS = ("priority", "red_flags", "warnings", "door_code", "note", "clinic_id", "proxy_id")


def upgrade() -> None:
    for column, table in (("proxy_id", "proxy_grant"), ("clinic_id", "clinic")):
        op.add_column("service_order", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_service_order_{column}"), "service_order", table, [column], ["id"])
    for column in ("note", "door_code"):
        op.add_column("service_order", sa.Column(column, sa.LargeBinary(), nullable=True))
    for column in ("warnings", "red_flags"):
        op.add_column(
            "service_order",
            sa.Column(column, postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        )
    op.add_column("service_order", sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index(op.f("ix_service_order_proxy_id"), "service_order", ["proxy_id"])
    op.create_index(
        "ix_service_order_clinic_id_id",
        "service_order",
        ["clinic_id", "id"],
        postgresql_where=sa.text("clinic_id IS NOT NULL"),
    )
    op.drop_constraint(op.f("ck_disclosure_reason"), "disclosure", type_="check")
    op.create_check_constraint(op.f("ck_disclosure_reason"), "disclosure", f"reason IN ('CARE', {REASONS})")


def downgrade() -> None:
    op.execute("UPDATE disclosure SET reason = 'OTHER' WHERE reason = 'CARE'")
    op.drop_constraint(op.f("ck_disclosure_reason"), "disclosure", type_="check")
    op.create_check_constraint(op.f("ck_disclosure_reason"), "disclosure", f"reason IN ({REASONS})")
    op.drop_index("ix_service_order_clinic_id_id", table_name="service_order")
    op.drop_index(op.f("ix_service_order_proxy_id"), table_name="service_order")
    for column in COLUMNS:
        op.drop_column("service_order", column)

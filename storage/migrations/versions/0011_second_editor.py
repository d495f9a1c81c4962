"""Broadcasts that wait for another person's approval."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("broadcasts", sa.Column("waits_for", sa.String(length=16), nullable=True))
    op.add_column("broadcasts", sa.Column("counted", sa.Integer(), server_default="0", nullable=False))
    # In SQL: Alembic would make SQLite's table anew for a reference, and deliveries refer to that one.
    number = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    reference = "CONSTRAINT fk_broadcasts_approved_by REFERENCES people (id)"
    op.execute(f"ALTER TABLE broadcasts ADD COLUMN approved_by {number} {reference}")


def downgrade() -> None:
    raise NotImplementedError("what waits for somebody's word would be sent: restore a backup")

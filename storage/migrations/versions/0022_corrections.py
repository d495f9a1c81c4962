"""Corrections of answers that wait for approval."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

OPEN = sa.text("corrects_id IS NOT NULL AND outcome IS NULL")
COLUMNS = (("corrects_id", "drafts"), ("why_entry_id", "entries"))


def upgrade() -> None:
    whole = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for column, table in COLUMNS:
        # Said so, SQLite need not write the table anew, to which others refer.
        op.execute(
            f"ALTER TABLE drafts ADD COLUMN {column} {whole}"
            f" CONSTRAINT fk_drafts_{column} REFERENCES {table} (id)"
        )
    op.create_index(
        "ix_drafts_open_corrections", "drafts", ["question_id"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_index("ix_drafts_open_corrections", "drafts")
    for column, _table in reversed(COLUMNS):
        op.execute(f"ALTER TABLE drafts DROP COLUMN {column}")

"""Erasing people, and erasing them again after a restored backup."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("people", sa.Column("erased_at", sa.DateTime(), nullable=True))
    op.create_table(
        "erasures",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("erased_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "created_at", name=op.f("pk_erasures")),
    )
    op.create_table(
        "discarded_files",
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("checksum", name=op.f("pk_discarded_files")),
    )
    op.create_index("ix_inbox_chat", "inbox", ["chat"])
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    op.create_index("ix_files_checksum", "files", ["checksum"])


def downgrade() -> None:
    raise NotImplementedError("who was erased is not forgotten: restore a backup")

"""What may still be undone, the messages that wait for it, and withdrawn promises."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "undos",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("question_id", ID, nullable=True),
        sa.Column("before", JSON, nullable=False),
        sa.Column("last_event", ID, nullable=True),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_undos_person_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_undos_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undos")),
    )
    op.create_index("ix_undos_question_id", "undos", ["question_id"])
    op.create_index("ix_undos_until", "undos", ["until"])
    op.add_column("outbox", sa.Column("undo_id", ID, nullable=True))
    waits = sa.text("undo_id IS NOT NULL")
    op.create_index("ix_outbox_undo_id", "outbox", ["undo_id"], sqlite_where=waits, postgresql_where=waits)
    op.add_column("promises", sa.Column("withdrawn_at", sa.DateTime(), nullable=True))
    _index_open_promises("kept_at IS NULL AND withdrawn_at IS NULL")


def _index_open_promises(still_open: str) -> None:
    where = sa.text(still_open)
    op.drop_index("ix_promises_open_due_at", "promises")
    op.create_index(
        "ix_promises_open_due_at", "promises", ["due_at"], sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    _index_open_promises("kept_at IS NULL")
    op.drop_column("promises", "withdrawn_at")
    op.drop_index("ix_outbox_undo_id", "outbox")
    op.drop_column("outbox", "undo_id")
    op.drop_table("undos")

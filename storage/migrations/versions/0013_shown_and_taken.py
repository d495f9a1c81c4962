"""The questions whose words each message shows; what somebody took of a day."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    shown = op.create_table(
        "outbox_questions",
        sa.Column("question_id", ID, autoincrement=False, nullable=False),
        sa.Column("outbox_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_questions_outbox_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_outbox_questions_question_id")
        ),
        sa.PrimaryKeyConstraint("question_id", "outbox_id", name=op.f("pk_outbox_questions")),
    )
    op.create_table(
        "taken",
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who", "day", "what", name=op.f("pk_taken")),
    )
    _note_lists(shown)
    op.drop_index("ix_outbox_lists", "outbox")


def _note_lists(shown: sa.Table) -> None:
    """Copy what lists show out of their content, in pieces, for citizens have very many."""
    connection, after = op.get_bind(), 0
    some = sa.text(
        "SELECT id, content FROM outbox WHERE about = 'list' AND id > :after ORDER BY id LIMIT 1000"
    )
    while lists := connection.execute(some, {"after": after}).all():
        after = int(lists[-1].id)
        pairs = [
            {"question_id": question, "outbox_id": int(row.id)}
            for row in lists
            for question in sorted({int(one) for one in _content(row.content).get("questions", ())})
        ]
        if pairs:
            connection.execute(sa.insert(shown), pairs)


def _content(found: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return content or {}


def downgrade() -> None:
    op.create_index(
        "ix_outbox_lists",
        "outbox",
        ["queued_at"],
        sqlite_where=sa.text("about = 'list'"),
        postgresql_where=sa.text("about = 'list'"),
    )
    op.drop_table("taken")
    op.drop_table("outbox_questions")

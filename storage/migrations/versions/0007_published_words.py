"""Search words of published questions; an index of open questions by field and status."""

import sqlalchemy as sa
from alembic import op

from domain.vietnamese.text import words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# The newest public words of each published question.
PUBLIC = """
    SELECT entries.question_id, entries.text FROM entries
    JOIN questions ON questions.id = entries.question_id
    WHERE questions.published_at IS NOT NULL AND questions.secrecy NOT IN ('suspected', 'confirmed')
    AND entries.kind IN ('public_question', 'public_answer') AND entries.text IS NOT NULL
    AND entries.id = (
        SELECT max(newer.id) FROM entries AS newer
        WHERE newer.question_id = entries.question_id AND newer.kind = entries.kind
    )
    ORDER BY entries.question_id
"""
PIECE = 500


def upgrade() -> None:
    table = op.create_table(
        "published_words",
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("question_id", ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_published_words_question_id")
        ),
        sa.PrimaryKeyConstraint("word", "question_id", name=op.f("pk_published_words")),
    )
    op.create_index(op.f("ix_published_words_question_id"), "published_words", ["question_id"])
    op.create_index("ix_questions_field_code_status", "questions", ["field_code", "status"])
    connection = op.get_bind()
    rows: dict[tuple[str, int], None] = {}
    for question_id, text in connection.execute(sa.text(PUBLIC)).fetchall():
        rows |= dict.fromkeys((word[:40], question_id) for word in words(text))
    found = [{"word": word, "question_id": question_id} for word, question_id in rows]
    for at in range(0, len(found), PIECE):
        connection.execute(sa.insert(table), found[at : at + PIECE])


def downgrade() -> None:
    op.drop_index("ix_questions_field_code_status", "questions")
    op.drop_table("published_words")

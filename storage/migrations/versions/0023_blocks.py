"""Blocked senders, and how many came by which word."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("people", sa.Column("blocked_until", sa.DateTime(), nullable=True))
    op.create_table(
        "blocks",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("question_id", ID, nullable=True),
        sa.Column("begun_at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_blocks_person_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_blocks_question_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_blocks_by_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"], name=op.f("fk_blocks_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
    )
    op.create_index("ix_blocks_person_id", "blocks", ["person_id"])
    op.create_index("ix_blocks_question_id", "blocks", ["question_id"])
    op.create_index("ix_blocks_until", "blocks", ["until"])
    op.create_table(
        "sources",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("word", sa.String(length=32), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "word", name=op.f("pk_sources")),
    )
    op.create_index("ix_sources_word", "sources", ["word"])


def downgrade() -> None:
    op.drop_table("sources")
    op.drop_table("blocks")
    op.drop_column("people", "blocked_until")

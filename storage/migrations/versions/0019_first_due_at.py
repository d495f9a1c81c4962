"""Questions keep the first limit to answer that their asker was told."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

# What the history says of the first assignment; where it says nothing, the limit of now.
ON_SQLITE = """
UPDATE questions SET first_due_at = coalesce(
    (SELECT replace(substr(json_extract(history.details, '$.due_to'), 1, 19), 'T', ' ') || '.000000'
     FROM history
     WHERE history.question_id = questions.id
         AND history.event IN ('assigned', 'reassigned')
         AND json_extract(history.details, '$.due_to') IS NOT NULL
     ORDER BY history.id LIMIT 1),
    due_at)
"""
ON_POSTGRESQL = """
UPDATE questions SET first_due_at = coalesce(
    (SELECT CAST(history.details ->> 'due_to' AS timestamptz) AT TIME ZONE 'UTC'
     FROM history
     WHERE history.question_id = questions.id
         AND history.event IN ('assigned', 'reassigned')
         AND history.details ->> 'due_to' IS NOT NULL
     ORDER BY history.id LIMIT 1),
    due_at)
"""


def upgrade() -> None:
    op.add_column("questions", sa.Column("first_due_at", sa.DateTime(), nullable=True))
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(ON_POSTGRESQL if postgresql else ON_SQLITE)
    op.create_index("ix_questions_status_first_due_at", "questions", ["status", "first_due_at"])

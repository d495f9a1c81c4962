"""An index of suspected denunciations in any status."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_questions_suspected",
        "questions",
        ["received_at"],
        sqlite_where=sa.text("secrecy = 'suspected'"),
        postgresql_where=sa.text("secrecy = 'suspected'"),
    )


def downgrade() -> None:
    op.drop_index("ix_questions_suspected", "questions")

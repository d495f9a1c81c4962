"""An index to find people who wrote by post or telephoned by name."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_people_unaddressed",
        "people",
        ["full_name"],
        sqlite_where=sa.text("address IS NULL"),
        postgresql_where=sa.text("address IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_people_unaddressed", "people")

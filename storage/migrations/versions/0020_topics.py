"""Keep the topic in which an agency's group was linked."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agency_groups", sa.Column("topic", sa.String(64)))


def downgrade() -> None:
    op.drop_column("agency_groups", "topic")

"""Ended roles: invitations, who took them up, vouching for editors, chats to clear."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("vouched_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("vouched_by", ID, nullable=True))
        batch_op.add_column(sa.Column("chat_left_from", ID, nullable=True))
        batch_op.create_foreign_key(op.f("fk_roles_vouched_by"), "people", ["vouched_by"], ["id"])
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("ended_by", ID, nullable=True))
        batch_op.create_foreign_key(op.f("fk_invitations_ended_by"), "people", ["ended_by"], ["id"])
    op.create_table(
        "invitation_uses",
        sa.Column("invitation_id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_invitation_uses_invitation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invitation_uses_person_id")),
        sa.PrimaryKeyConstraint("invitation_id", "person_id", name=op.f("pk_invitation_uses")),
    )
    # Who was an editor before anybody had to vouch reads on.
    op.execute("UPDATE roles SET vouched_at = granted_at WHERE role = 'editor'")


def downgrade() -> None:
    raise NotImplementedError("who may read denunciations would be lost: restore a backup")

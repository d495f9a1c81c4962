"""Due times with their limits, extensions, promises, reminders, agencies' groups."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "agency_groups",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), server_default="", nullable=False),
        sa.Column("linked_by", ID, nullable=False),
        sa.Column("linked_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_agency_groups_agency_id")),
        sa.ForeignKeyConstraint(["linked_by"], ["people.id"], name=op.f("fk_agency_groups_linked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_groups")),
    )
    with op.batch_alter_table("agency_groups", schema=None) as batch_op:
        batch_op.create_index("ix_agency_groups_address", ["address"], unique=False)
        batch_op.create_index(batch_op.f("ix_agency_groups_agency_id"), ["agency_id"], unique=False)

    op.create_table(
        "confirmed_years",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_by", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["people.id"], name=op.f("fk_confirmed_years_confirmed_by")
        ),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_confirmed_years")),
    )
    op.create_table(
        "extensions",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("question_id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_extensions_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_extensions_decided_by")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_extensions_entry_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_extensions_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
    )
    with op.batch_alter_table("extensions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_extensions_question_id"), ["question_id"], unique=False)
        batch_op.create_index(
            "ix_extensions_undecided",
            ["question_id"],
            unique=False,
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        )

    op.create_table(
        "occasions",
        sa.Column("recipient", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("occasion", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "kind", "occasion", name=op.f("pk_occasions")),
    )
    with op.batch_alter_table("occasions", schema=None) as batch_op:
        batch_op.create_index("ix_occasions_kind_occasion", ["kind", "occasion"], unique=False)

    op.create_table(
        "promises",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("question_id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_promises_agency_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_promises_entry_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_promises_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    with op.batch_alter_table("promises", schema=None) as batch_op:
        batch_op.create_index(
            "ix_promises_open_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("kept_at IS NULL"),
            postgresql_where=sa.text("kept_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_promises_question_id"), ["question_id"], unique=False)

    op.create_table(
        "reminders",
        sa.Column("recipient", sa.String(length=32), nullable=False),
        sa.Column("matter", sa.String(length=24), nullable=False),
        sa.Column("subject_id", ID, autoincrement=False, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rung", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("outbox_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_reminders_outbox_id")),
        sa.PrimaryKeyConstraint(
            "recipient", "matter", "subject_id", "due_on", "rung", name=op.f("pk_reminders")
        ),
    )
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.create_index("ix_reminders_due_on", ["due_on"], unique=False)
        batch_op.create_index("ix_reminders_matter_subject_id", ["matter", "subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reminders_outbox_id"), ["outbox_id"], unique=False)

    with op.batch_alter_table("clarifications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reply_days", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_clarifications_open_reply_by",
            ["reply_by"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index("ix_history_event_at", ["event", "at"], unique=False)

    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assign_since", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("assign_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("due_since", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("due_days", sa.Integer(), nullable=True))
        batch_op.create_index("ix_questions_status_assign_due_at", ["status", "assign_due_at"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("what was told and promised would be lost: restore a backup")

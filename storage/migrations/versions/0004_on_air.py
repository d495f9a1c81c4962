"""Slots, airings, episodes, script plans, links, subscriptions, broadcasts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "slots",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("medium", sa.String(length=16), nullable=False),
        sa.Column("weeks", sa.String(length=16), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("repeat_of_id", ID, nullable=True),
        sa.Column("days_after", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["repeat_of_id"], ["slots.id"], name=op.f("fk_slots_repeat_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slots")),
        sa.UniqueConstraint("code", name=op.f("uq_slots_code")),
    )
    op.create_table(
        "episodes",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("field_code", sa.String(length=64), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("requirements", sa.Text(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("recording_at", sa.DateTime(), nullable=True),
        sa.Column("recording_place", sa.Text(), nullable=True),
        sa.Column("recording_manner", sa.Text(), nullable=True),
        sa.Column("plan_due_at", sa.DateTime(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_episodes_created_by")),
        sa.ForeignKeyConstraint(["field_code"], ["fields.code"], name=op.f("fk_episodes_field_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episodes")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_episodes_year_number")),
    )
    with op.batch_alter_table("episodes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_episodes_field_code"), ["field_code"], unique=False)
        batch_op.create_index("ix_episodes_plan_due_at", ["plan_due_at"], unique=False)

    op.create_table(
        "subscribers",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("daily", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("digested_until", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_subscribers_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_subscribers")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_subscriptions_person_id")),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_subscriptions")),
    )
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.create_index("ix_subscriptions_topic_person_id", ["topic", "person_id"], unique=False)

    op.create_table(
        "airings",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("slot_id", ID, nullable=True),
        sa.Column("rule_on", sa.Date(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("medium", sa.String(length=16), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("added", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("episode_id", ID, nullable=True),
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["people.id"], name=op.f("fk_airings_changed_by")),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_airings_episode_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"], name=op.f("fk_airings_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_airings")),
        sa.UniqueConstraint("slot_id", "rule_on", name=op.f("uq_airings_slot_id_rule_on")),
    )
    with op.batch_alter_table("airings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_airings_episode_id"), ["episode_id"], unique=False)
        batch_op.create_index("ix_airings_rule_on", ["rule_on"], unique=False)
        batch_op.create_index("ix_airings_starts_at", ["starts_at"], unique=False)

    op.create_table(
        "episode_guests",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("agency_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), server_default="", nullable=False),
        sa.Column("substitute_for_id", ID, nullable=True),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_episode_guests_agency_id")),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_episode_guests_episode_id")),
        sa.ForeignKeyConstraint(
            ["substitute_for_id"], ["episode_guests.id"], name=op.f("fk_episode_guests_substitute_for_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode_guests")),
    )
    with op.batch_alter_table("episode_guests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_episode_guests_episode_id"), ["episode_id"], unique=False)

    op.create_table(
        "episode_questions",
        sa.Column("episode_id", ID, autoincrement=False, nullable=False),
        sa.Column("question_id", ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("on_air", sa.Text(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(), nullable=False),
        sa.Column("chosen_by", ID, nullable=False),
        sa.Column("left_out_at", sa.DateTime(), nullable=True),
        sa.Column("left_out_why", sa.Text(), nullable=True),
        sa.Column("asker_told", sa.String(length=16), nullable=True),
        sa.Column("told_airing_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["chosen_by"], ["people.id"], name=op.f("fk_episode_questions_chosen_by")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_episode_questions_episode_id")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_episode_questions_question_id")
        ),
        sa.PrimaryKeyConstraint("episode_id", "question_id", name=op.f("pk_episode_questions")),
    )
    with op.batch_alter_table("episode_questions", schema=None) as batch_op:
        batch_op.create_index("ix_episode_questions_question_id", ["question_id"], unique=False)

    op.create_table(
        "links",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("added_by", ID, nullable=True),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["people.id"], name=op.f("fk_links_added_by")),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_links_episode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("episode_id", "url", name=op.f("uq_links_episode_id_url")),
    )
    op.create_table(
        "script_plans",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("episode_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("sent_by", ID, nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_script_plans_episode_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["people.id"], name=op.f("fk_script_plans_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_plans")),
        sa.UniqueConstraint("episode_id", "version", name=op.f("uq_script_plans_episode_id_version")),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("audience", sa.String(length=80), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("occasion", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("start_at", sa.DateTime(), nullable=False),
        sa.Column("stop_at", sa.DateTime(), nullable=True),
        sa.Column("repeats_id", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("progress_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_broadcasts_created_by")),
        sa.ForeignKeyConstraint(["progress_id"], ["outbox.id"], name=op.f("fk_broadcasts_progress_id")),
        sa.ForeignKeyConstraint(["repeats_id"], ["broadcasts.id"], name=op.f("fk_broadcasts_repeats_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sa.UniqueConstraint("occasion", name=op.f("uq_broadcasts_occasion")),
    )
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_broadcasts_shown",
            ["id"],
            unique=False,
            sqlite_where=sa.text("progress_id IS NOT NULL"),
            postgresql_where=sa.text("progress_id IS NOT NULL"),
        )
        batch_op.create_index("ix_broadcasts_status_start_at", ["status", "start_at"], unique=False)

    op.create_table(
        "broadcast_acts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("broadcast_id", ID, nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_acts_broadcast_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_broadcast_acts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_acts")),
    )
    with op.batch_alter_table("broadcast_acts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_broadcast_acts_broadcast_id"), ["broadcast_id"], unique=False)

    op.create_table(
        "broadcast_drafts",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_broadcast_drafts_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_broadcast_drafts")),
    )
    op.create_table(
        "link_moments",
        sa.Column("link_id", ID, autoincrement=False, nullable=False),
        sa.Column("question_id", ID, autoincrement=False, nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_link_moments_link_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_link_moments_question_id")),
        sa.PrimaryKeyConstraint("link_id", "question_id", name=op.f("pk_link_moments")),
    )
    with op.batch_alter_table("link_moments", schema=None) as batch_op:
        batch_op.create_index("ix_link_moments_question_id", ["question_id"], unique=False)

    op.create_table(
        "link_views",
        sa.Column("link_id", ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", ID, nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_link_views_link_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["people.id"], name=op.f("fk_link_views_recorded_by")),
        sa.PrimaryKeyConstraint("link_id", "day", name=op.f("pk_link_views")),
    )
    op.create_table(
        "plan_receipts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("agency_id", ID, nullable=False),
        sa.Column("agency_name", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(), nullable=True),
        sa.Column("acknowledged_by", ID, nullable=True),
        sa.Column("replaced_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["people.id"], name=op.f("fk_plan_receipts_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_plan_receipts_agency_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["script_plans.id"], name=op.f("fk_plan_receipts_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_receipts")),
        sa.UniqueConstraint("plan_id", "agency_id", name=op.f("uq_plan_receipts_plan_id_agency_id")),
    )
    with op.batch_alter_table("plan_receipts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plan_receipts_open_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("acknowledged_at IS NULL AND replaced_at IS NULL"),
            postgresql_where=sa.text("acknowledged_at IS NULL AND replaced_at IS NULL"),
        )

    op.create_table(
        "deliveries",
        sa.Column("broadcast_id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_deliveries_broadcast_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_deliveries_person_id")),
        sa.PrimaryKeyConstraint("broadcast_id", "person_id", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deliveries_broadcast_id_state_sent_at", ["broadcast_id", "state", "sent_at"], unique=False
        )
        batch_op.create_index(
            "ix_deliveries_pending",
            ["broadcast_id", "person_id"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index("ix_deliveries_person_id", ["person_id"], unique=False)

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_broadcasts_at", sa.DateTime(), nullable=True))
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_questions_published_at",
            ["published_at"],
            unique=False,
            sqlite_where=sa.text("published_at IS NOT NULL"),
            postgresql_where=sa.text("published_at IS NOT NULL"),
        )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic", sa.String(length=80), nullable=True))

    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.create_index("ix_questions_received_at", ["received_at"], unique=False)
        batch_op.create_index(
            "ix_questions_field_code_received_at", ["field_code", "received_at"], unique=False
        )
        batch_op.create_index(
            "ix_questions_duplicates",
            ["duplicate_of_id", "asker_id"],
            unique=False,
            sqlite_where=sa.text("duplicate_of_id IS NOT NULL"),
            postgresql_where=sa.text("duplicate_of_id IS NOT NULL"),
        )


def downgrade() -> None:
    raise NotImplementedError("what was planned, sent and counted would be lost: restore a backup")

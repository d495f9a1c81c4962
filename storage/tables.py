"""Every table, with the reason for what is not obvious.

Changes come with a migration in `storage/migrations`.

Personal text stands in `people`, `entries` and `files`, which can be erased; `history` only refers to it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# Of a query that names a few columns, read where it was asked. A whole row of a table has a protocol (storage.rows).
Row = sa.Row[Any]


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime stored in UTC on both databases; refuses a naive one.

    SQLite stores text. It is converted to a moment and back in one step: a message has fifteen of them.
    """

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _in_utc(value).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a naive datetime never reaches the database")
    return value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    """Write a moment as SQLAlchemy does: "2026-11-25 03:00:00.000000"."""
    return None if value is None else _in_utc(value).isoformat(" ", "microseconds")[:26]


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _id() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, *, nullable: bool = False, index: bool = False) -> sa.Column[int]:
    return sa.Column(name, Id, sa.ForeignKey(target), nullable=nullable, index=index)


# --- people -------------------------------------------------------------------------------------------------

people = sa.Table(
    "people",
    metadata,
    _id(),
    # The way back to them: ("telegram", "123456789"); no address for who wrote by post or telephoned.
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("address", sa.String(64)),
    sa.Column("display_name", sa.String(200), nullable=False, server_default=""),  # as the messenger shows it
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("full_name", sa.Text),
    sa.Column("home_address", sa.Text),
    sa.Column("contact", sa.Text),
    sa.Column("unreachable_at", UtcDateTime),
    sa.Column("left_broadcasts_at", UtcDateTime),  # what they subscribe to still comes
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("erased_at", UtcDateTime),  # nothing says any more who they were (services.privacy.erasing)
    sa.Column("blocked_until", UtcDateTime),  # what they write is not taken until then; as `blocks` has it
    sa.UniqueConstraint("channel", "address"),
    sa.Index(  # who wrote by post more than once
        "ix_people_unaddressed",
        "full_name",
        sqlite_where=sa.text("address IS NULL"),
        postgresql_where=sa.text("address IS NULL"),
    ),
)

consents = sa.Table(
    "consents",
    metadata,
    _id(),
    _ref("person_id", "people.id", index=True),
    sa.Column("kind", sa.String(16), nullable=False),  # domain.privacy.consent.Consent
    sa.Column("version", sa.String(32), nullable=False),  # of the text that was shown
    _ref("question_id", "questions.id", nullable=True),  # publication is agreed question by question
    sa.Column("topic", sa.String(80)),  # a subscription, topic by topic
    sa.Column("given_at", UtcDateTime, nullable=False),
    sa.Column("withdrawn_at", UtcDateTime),
)

roles = sa.Table(
    "roles",
    metadata,
    _id(),
    _ref("person_id", "people.id", index=True),
    sa.Column("role", sa.String(16), nullable=False),
    _ref("agency_id", "agencies.id", nullable=True, index=True),
    sa.Column("granted_at", UtcDateTime, nullable=False),
    _ref("granted_by", "people.id", nullable=True),
    sa.Column("vouched_at", UtcDateTime),  # of an editor: since when they read denunciations; null: not yet
    _ref("vouched_by", "people.id", nullable=True),
    sa.Column("revoked_at", UtcDateTime),
    _ref("revoked_by", "people.id", nullable=True),
    # Down to which outbox row its holder's chat is still to be cleared (services.privacy.left_chats); null: none.
    sa.Column("chat_left_from", Id),
)

invitations = sa.Table(
    "invitations",
    metadata,
    _id(),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),  # who reads the table can't use it
    sa.Column("role", sa.String(16), nullable=False),
    _ref("agency_id", "agencies.id", nullable=True),
    sa.Column("uses_left", sa.Integer, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    _ref("created_by", "people.id", nullable=True),  # null: an operator at the command line
    sa.Column("ended_at", UtcDateTime),  # cancelled, or its maker may invite no more
    _ref("ended_by", "people.id", nullable=True),
)

# Who took up which invitation: nobody takes up the same one twice.
invitation_uses = sa.Table(
    "invitation_uses",
    metadata,
    sa.Column("invitation_id", Id, sa.ForeignKey("invitations.id"), primary_key=True, autoincrement=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
    sa.Column("step", sa.String(32), nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

# A question that somebody is writing. What else the dialogue waits for stands in `conversations`, in front of it.
question_drafts = sa.Table(
    "question_drafts",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
    sa.Column("step", sa.String(32), nullable=False),  # what it is still to be told
    sa.Column("data", Json, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

# --- agencies and fields --------------------------------------------------------------------------------------

agencies = sa.Table(
    "agencies",
    metadata,
    _id(),
    sa.Column("code", sa.String(32), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("short_name", sa.Text, nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
)

# Citizens go on using old names, so an alias is what people type and a predecessor what an agency once was.
agency_aliases = sa.Table(
    "agency_aliases",
    metadata,
    sa.Column("agency_id", Id, sa.ForeignKey("agencies.id"), primary_key=True, autoincrement=False),
    sa.Column("alias", sa.String(200), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # alias, predecessor
)

agency_successors = sa.Table(
    "agency_successors",
    metadata,
    sa.Column("agency_id", Id, sa.ForeignKey("agencies.id"), primary_key=True, autoincrement=False),
    sa.Column("successor_code", sa.String(32), primary_key=True),
)

agency_fields = sa.Table(
    "agency_fields",
    metadata,
    sa.Column("agency_id", Id, sa.ForeignKey("agencies.id"), primary_key=True, autoincrement=False),
    sa.Column("field_code", sa.String(64), sa.ForeignKey("fields.code"), primary_key=True, index=True),
)

fields = sa.Table(
    "fields",
    metadata,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),  # the order of the loaded file
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False),
    sa.Column("answer_days", sa.Integer),  # null: deadlines.answer_days
    sa.Column("communal", sa.Boolean, nullable=False, server_default=sa.false()),
)

confirmed_years = sa.Table(
    "confirmed_years",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("confirmed_at", UtcDateTime, nullable=False),
    _ref("confirmed_by", "people.id"),
)

days = sa.Table(
    "days",
    metadata,
    sa.Column("date", sa.Date, primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),  # off, work
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)

# --- the ledger -----------------------------------------------------------------------------------------------

code_numbers = sa.Table(
    "code_numbers",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)

questions = sa.Table(
    "questions",
    metadata,
    _id(),
    # The year is that of registration in programme time; numbers have no gaps within it.
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("secrecy", sa.String(16), nullable=False),
    sa.Column("emergency", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("channel", sa.String(16), nullable=False),  # domain.questions.life.Intake
    _ref("asker_id", "people.id", index=True),
    sa.Column("organisation", sa.Text),  # asked for a company or an organisation
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("field_code", sa.String(64), sa.ForeignKey("fields.code")),
    _ref("lead_agency_id", "agencies.id", nullable=True),
    # Due times stand beside what they are counted from (domain.calendar.working_days.Limit), for a new calendar;
    # null for what was registered before that was kept.
    sa.Column("assign_due_at", UtcDateTime, nullable=False),
    sa.Column("assign_since", sa.Date),
    sa.Column("assign_days", sa.Integer),
    sa.Column("due_at", UtcDateTime),
    sa.Column("first_due_at", UtcDateTime),  # the first limit to answer that the asker was told; never moved
    sa.Column("due_since", sa.Date),
    sa.Column("due_days", sa.Integer),
    sa.Column("remaining_days", sa.Integer),  # the stopped clock, while waiting for the asker
    sa.Column("answered_at", UtcDateTime),
    sa.Column("answer_id", Id),  # the draft that was sent; no constraint, for drafts refer back here
    sa.Column("published_at", UtcDateTime),
    sa.Column("reopened_at", UtcDateTime),
    _ref("duplicate_of_id", "questions.id", nullable=True, index=True),
    sa.UniqueConstraint("year", "number"),
    sa.Index("ix_questions_status_received_at", "status", "received_at"),
    sa.Index("ix_questions_status_due_at", "status", "due_at"),
    sa.Index("ix_questions_status_first_due_at", "status", "first_due_at"),
    sa.Index("ix_questions_status_assign_due_at", "status", "assign_due_at"),
    sa.Index("ix_questions_status_answered_at", "status", "answered_at"),
    sa.Index("ix_questions_lead_agency_id_status", "lead_agency_id", "status"),
    # to choose from for an episode: by age, of a field or of all; by who else asked the same
    sa.Index("ix_questions_received_at", "received_at"),
    sa.Index("ix_questions_field_code_received_at", "field_code", "received_at"),
    # which open ones of a field may be the same
    sa.Index("ix_questions_field_code_status", "field_code", "status"),
    sa.Index(
        "ix_questions_duplicates",
        "duplicate_of_id",
        "asker_id",
        sqlite_where=sa.text("duplicate_of_id IS NOT NULL"),
        postgresql_where=sa.text("duplicate_of_id IS NOT NULL"),
    ),
    sa.Index(  # few, and in any status
        "ix_questions_suspected",
        "received_at",
        sqlite_where=sa.text("secrecy = 'suspected'"),
        postgresql_where=sa.text("secrecy = 'suspected'"),
    ),
    sa.Index(
        "ix_questions_published_at",
        "published_at",
        sqlite_where=sa.text("published_at IS NOT NULL"),
        postgresql_where=sa.text("published_at IS NOT NULL"),
    ),
)
# Whatever a person wrote about a question, in rows that can be erased.
entries = sa.Table(
    "entries",
    metadata,
    _id(),
    _ref("question_id", "questions.id", index=True),
    sa.Column("kind", sa.String(24), nullable=False),  # domain.questions.history.EntryKind
    _ref("author_id", "people.id", nullable=True),
    _ref("agency_id", "agencies.id", nullable=True),
    sa.Column("text", sa.Text),  # null once erased
    sa.Column("at", UtcDateTime, nullable=False),
)

# The folded words of what stands published (storage.questions.published): of nothing else, and never of what is hidden.
published_words = sa.Table(
    "published_words",
    metadata,
    sa.Column("word", sa.String(40), primary_key=True),
    sa.Column(
        "question_id",
        Id,
        sa.ForeignKey("questions.id"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
)

# Append-only: triggers refuse changes (storage/migrations). No personal text, only references.
history = sa.Table(
    "history",
    metadata,
    _id(),
    _ref("question_id", "questions.id", index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("event", sa.String(32), nullable=False),  # domain.questions.history.Event
    _ref("actor_id", "people.id", nullable=True),  # null: time or the programme itself
    sa.Column("actor_role", sa.String(16), nullable=False),  # Capacity, or "programme"
    _ref("entry_id", "entries.id", nullable=True),
    sa.Column("details", Json, nullable=False),  # {"from", "to", "due_from", "due_to", "agency", …}
    sa.Index("ix_history_event_at", "event", "at"),
)

assignments = sa.Table(
    "assignments",
    metadata,
    _id(),
    _ref("question_id", "questions.id", index=True),
    _ref("agency_id", "agencies.id"),
    sa.Column("part", sa.String(16), nullable=False),  # lead, coordinating
    sa.Column("agency_name", sa.Text, nullable=False),  # valid at the time
    sa.Column("assigned_at", UtcDateTime, nullable=False),
    sa.Column("accepted_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),  # returned, reassigned
    sa.Index("ix_assignments_agency_id_ended_at", "agency_id", "ended_at"),
)

drafts = sa.Table(
    "drafts",
    metadata,
    _id(),
    _ref("question_id", "questions.id", index=True),
    _ref("entry_id", "entries.id"),
    sa.Column("official_letter", sa.Text),
    _ref("submitted_by", "people.id", nullable=True),
    sa.Column("submitted_at", UtcDateTime, nullable=False),
    sa.Column(
        "outcome", sa.String(16)
    ),  # null while undecided; answered, sent_back, replaced, dropped, withdrawn, undone
    sa.Column("album", sa.String(64)),  # further files of the same album still belong to it
    # A correction: of the answer that stood when it was proposed, and why.
    _ref("corrects_id", "drafts.id", nullable=True),
    _ref("why_entry_id", "entries.id", nullable=True),
    sa.Index(
        "ix_drafts_open_corrections",
        "question_id",
        sqlite_where=sa.text("corrects_id IS NOT NULL AND outcome IS NULL"),
        postgresql_where=sa.text("corrects_id IS NOT NULL AND outcome IS NULL"),
    ),
)

# An answer that somebody of the staff is writing, or has just submitted (storage.questions.being_written). What the
# dialogue waits for stands in `conversations`.
answers_being_written = sa.Table(
    "answers_being_written",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
    sa.Column(
        "question_id",
        Id,
        sa.ForeignKey("questions.id"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    sa.Column("data", Json, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

approvals = sa.Table(
    "approvals",
    metadata,
    _id(),
    _ref("draft_id", "drafts.id"),
    sa.Column("step", sa.String(16), nullable=False),
    _ref("approver_id", "people.id"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("draft_id", "step"),
)

clarifications = sa.Table(
    "clarifications",
    metadata,
    _id(),
    _ref("question_id", "questions.id", index=True),
    _ref("entry_id", "entries.id"),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("reply_by", UtcDateTime, nullable=False),
    sa.Column("reply_days", sa.Integer),  # counted from `asked_at`; null where that was not kept
    sa.Column("ended_at", UtcDateTime),  # replied, timed out, or overtaken by something else
    sa.Index(
        "ix_clarifications_open_reply_by",
        "reply_by",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)

# A request for more days, and what an editor decided.
extensions = sa.Table(
    "extensions",
    metadata,
    _id(),
    _ref("question_id", "questions.id", index=True),
    _ref("entry_id", "entries.id"),  # the reason
    sa.Column("days", sa.Integer, nullable=False),
    _ref("asked_by", "people.id"),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("outcome", sa.String(16)),  # null while undecided; granted, refused, dropped
    _ref("decided_by", "people.id", nullable=True),
    sa.Column("decided_at", UtcDateTime),
    sa.Index(
        "ix_extensions_undecided",
        "question_id",
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    ),
)

# What an answer promises by a date of its own.
promises = sa.Table(
    "promises",
    metadata,
    _id(),
    _ref("question_id", "questions.id", index=True),
    _ref("entry_id", "entries.id"),
    _ref("agency_id", "agencies.id"),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("kept_at", UtcDateTime),
    sa.Column("withdrawn_at", UtcDateTime),  # the agency no longer promises it; the askers were told why
    sa.Index(
        "ix_promises_open_due_at",
        "due_at",
        sqlite_where=sa.text("kept_at IS NULL AND withdrawn_at IS NULL"),
        postgresql_where=sa.text("kept_at IS NULL AND withdrawn_at IS NULL"),
    ),
)

# --- what time tells people -------------------------------------------------------------------------------------

# What somebody is told at most once: the reminders of a day, a digest, a warning. The key is the guard.
occasions = sa.Table(
    "occasions",
    metadata,
    sa.Column("recipient", sa.String(32), primary_key=True),  # "person:12", "group:3" (an agency's)
    sa.Column("kind", sa.String(16), primary_key=True),  # reminders, daily, weekly, year
    sa.Column("occasion", sa.String(32), primary_key=True),  # "2026-11-25"
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_occasions_kind_occasion", "kind", "occasion"),
)

# Each rung of a ladder that was put into somebody's reminders (domain.deadlines.ladder).
reminders = sa.Table(
    "reminders",
    metadata,
    sa.Column("recipient", sa.String(32), primary_key=True),
    sa.Column("matter", sa.String(24), primary_key=True),
    sa.Column("subject_id", Id, primary_key=True, autoincrement=False),
    sa.Column("due_on", sa.Date, primary_key=True),
    sa.Column("rung", sa.String(16), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    _ref("outbox_id", "outbox.id", index=True),
    sa.Index("ix_reminders_due_on", "due_on"),
    sa.Index("ix_reminders_matter_subject_id", "matter", "subject_id"),
)

# The group chat in which an agency wants to be reminded, too.
agency_groups = sa.Table(
    "agency_groups",
    metadata,
    _id(),
    _ref("agency_id", "agencies.id", index=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("title", sa.String(200), nullable=False, server_default=""),
    sa.Column("topic", sa.String(64)),  # the part of the group where `/nhom` was typed; null: in no part
    _ref("linked_by", "people.id"),
    sa.Column("linked_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Index("ix_agency_groups_address", "address"),
)

ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("question_id", Id, sa.ForeignKey("questions.id"), primary_key=True, autoincrement=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
    sa.Column("stars", sa.Integer, nullable=False),
    _ref("entry_id", "entries.id", nullable=True),
    sa.Column("at", UtcDateTime, nullable=False),
)

files = sa.Table(
    "files",
    metadata,
    _id(),
    _ref("person_id", "people.id", index=True),
    _ref("question_id", "questions.id", nullable=True, index=True),  # null while in a draft
    _ref("entry_id", "entries.id", nullable=True, index=True),
    sa.Column("kind", sa.String(16), nullable=False),  # photo, document, voice, video, audio
    sa.Column("remote_id", sa.Text, nullable=False),  # the messenger's file_id
    sa.Column("name", sa.Text, nullable=False, server_default=""),  # as the sender called it: never a path
    sa.Column("content_type", sa.String(127), nullable=False, server_default=""),
    sa.Column("size", Id),
    sa.Column(
        "checksum", sa.String(64)
    ),  # SHA-256, once kept; the file's place in storage.files comes from it
    sa.Column("state", sa.String(16), nullable=False),  # storage.delivery.files.FileState
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_try_at", UtcDateTime, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_files_state_next_try_at", "state", "next_try_at"),
    sa.Index("ix_files_checksum", "checksum"),
)

# How much of a daily limit somebody used (services.questions.allowance), whether it was kept or thrown away since.
taken = sa.Table(
    "taken",
    metadata,
    sa.Column("who", sa.String(80), primary_key=True),  # "person:12"; of who was erased, a digest of the day
    sa.Column("day", sa.Date, primary_key=True),  # programme time
    sa.Column("what", sa.String(16), primary_key=True),  # services.questions.allowance.Taken
    sa.Column("amount", sa.Integer, nullable=False),
)

# Kept files whose rows were erased or dropped: bot.loops.fetcher removes them from the disk, where no other row has the
# same content.
discarded_files = sa.Table(
    "discarded_files",
    metadata,
    sa.Column("checksum", sa.String(64), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)

# Who was erased, so that a restored backup erases them again. The row that they were is known by its id and the
# moment at which it was made; no reference, for the database may be older than the person.
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("person_id", Id, primary_key=True, autoincrement=False),
    sa.Column("created_at", UtcDateTime, primary_key=True),
    sa.Column("erased_at", UtcDateTime, nullable=False),
)

# --- on air -------------------------------------------------------------------------------------------------------

# Rules of airing times, with their dates of validity; a repeat follows the slot it repeats (domain.airings.schedule).
slots = sa.Table(
    "slots",
    metadata,
    _id(),
    sa.Column("code", sa.String(32), nullable=False, unique=True),
    sa.Column("channel", sa.String(64), nullable=False),  # of the broadcaster, as people know it
    sa.Column("medium", sa.String(16), nullable=False),  # tv, radio
    sa.Column("weeks", sa.String(16)),  # "1|3": of the month; null for a repeat, like the weekday
    sa.Column("weekday", sa.Integer),  # Monday is 0
    sa.Column("at", sa.Time, nullable=False),  # programme time
    sa.Column("minutes", sa.Integer),
    _ref("repeat_of_id", "slots.id", nullable=True),
    sa.Column("days_after", sa.Integer),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
)

# What the rules don't say: airings moved, cancelled, added by hand, or tied to an episode.
airings = sa.Table(
    "airings",
    metadata,
    _id(),
    _ref("slot_id", "slots.id", nullable=True),  # null: added by hand
    sa.Column("rule_on", sa.Date),  # the day on which the rule has it (a repeat: has what it repeats)
    sa.Column("kind", sa.String(8), nullable=False),  # first, repeat
    sa.Column("starts_at", UtcDateTime, nullable=False),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("medium", sa.String(16), nullable=False),
    sa.Column("minutes", sa.Integer),
    sa.Column("status", sa.String(16), nullable=False),  # planned, moved, cancelled
    sa.Column("added", sa.Boolean, nullable=False, server_default=sa.false()),  # by hand: no rule has it
    sa.Column("reason", sa.Text),
    _ref("episode_id", "episodes.id", nullable=True, index=True),
    sa.Column("changes", sa.Integer, nullable=False, server_default="0"),  # how often it was changed
    sa.Column("changed_at", UtcDateTime, nullable=False),
    _ref("changed_by", "people.id", nullable=True),
    sa.UniqueConstraint("slot_id", "rule_on"),
    sa.Index("ix_airings_starts_at", "starts_at"),
    sa.Index("ix_airings_rule_on", "rule_on"),
)

episodes = sa.Table(
    "episodes",
    metadata,
    _id(),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("field_code", sa.String(64), sa.ForeignKey("fields.code"), index=True),
    # the script plan's fields, as the programme's plan demands them
    sa.Column("purpose", sa.Text),
    sa.Column("requirements", sa.Text),
    sa.Column("minutes", sa.Integer),
    sa.Column("recording_at", UtcDateTime),
    sa.Column("recording_place", sa.Text),
    sa.Column("recording_manner", sa.Text),
    sa.Column("plan_due_at", UtcDateTime),  # the close of the fifth working day before the recording
    sa.Column("recorded_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    _ref("created_by", "people.id", nullable=True),
    sa.UniqueConstraint("year", "number"),
    sa.Index("ix_episodes_plan_due_at", "plan_due_at"),
)

episode_questions = sa.Table(
    "episode_questions",
    metadata,
    sa.Column("episode_id", Id, sa.ForeignKey("episodes.id"), primary_key=True, autoincrement=False),
    sa.Column("question_id", Id, sa.ForeignKey("questions.id"), primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("on_air", sa.Text),  # the wording on air, apart from what was asked and answered; names nobody
    sa.Column("chosen_at", UtcDateTime, nullable=False),
    _ref("chosen_by", "people.id"),
    sa.Column("left_out_at", UtcDateTime),
    sa.Column("left_out_why", sa.Text),  # told to the asker
    sa.Column("asker_told", sa.String(16)),  # the last they heard: domain.episodes.episodes.AskerTold
    sa.Column("told_airing_at", UtcDateTime),  # the airing they were told to watch
    sa.Index("ix_episode_questions_question_id", "question_id"),
)

episode_guests = sa.Table(
    "episode_guests",
    metadata,
    _id(),
    _ref("episode_id", "episodes.id", index=True),
    _ref("agency_id", "agencies.id"),
    sa.Column("agency_name", sa.Text, nullable=False),  # valid at the time
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("position", sa.Text, nullable=False, server_default=""),
    _ref("substitute_for_id", "episode_guests.id", nullable=True),
    sa.Column("added_at", UtcDateTime, nullable=False),
    sa.Column("withdrawn_at", UtcDateTime),  # can't come
)

# Each script plan as it was sent; a later version replaces it.
script_plans = sa.Table(
    "script_plans",
    metadata,
    _id(),
    _ref("episode_id", "episodes.id"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("sent_at", UtcDateTime, nullable=False),
    _ref("sent_by", "people.id"),
    sa.UniqueConstraint("episode_id", "version"),
)

plan_receipts = sa.Table(
    "plan_receipts",
    metadata,
    _id(),
    _ref("plan_id", "script_plans.id"),
    _ref("agency_id", "agencies.id"),
    sa.Column("agency_name", sa.Text, nullable=False),  # valid at the time
    sa.Column("due_at", UtcDateTime, nullable=False),  # to acknowledge
    sa.Column("acknowledged_at", UtcDateTime),
    _ref("acknowledged_by", "people.id", nullable=True),
    sa.Column("replaced_at", UtcDateTime),  # by the receipt of a newer plan
    sa.UniqueConstraint("plan_id", "agency_id"),
    sa.Index(
        "ix_plan_receipts_open_due_at",
        "due_at",
        sqlite_where=sa.text("acknowledged_at IS NULL AND replaced_at IS NULL"),
        postgresql_where=sa.text("acknowledged_at IS NULL AND replaced_at IS NULL"),
    ),
)

links = sa.Table(
    "links",
    metadata,
    _id(),
    _ref("episode_id", "episodes.id"),
    sa.Column("kind", sa.String(16), nullable=False),  # domain.episodes.links.LinkKind
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("added_at", UtcDateTime, nullable=False),
    _ref("added_by", "people.id", nullable=True),
    sa.Column("removed_at", UtcDateTime),
    sa.UniqueConstraint("episode_id", "url"),
)

# Where in a recording a question is answered.
link_moments = sa.Table(
    "link_moments",
    metadata,
    sa.Column("link_id", Id, sa.ForeignKey("links.id"), primary_key=True, autoincrement=False),
    sa.Column("question_id", Id, sa.ForeignKey("questions.id"), primary_key=True, autoincrement=False),
    sa.Column("seconds", sa.Integer, nullable=False),
    sa.Index("ix_link_moments_question_id", "question_id"),
)

# A link's views in all, as counted on a day.
link_views = sa.Table(
    "link_views",
    metadata,
    sa.Column("link_id", Id, sa.ForeignKey("links.id"), primary_key=True, autoincrement=False),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("views", Id, nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    _ref("recorded_by", "people.id", nullable=True),
)

# --- subscribers and broadcasts -----------------------------------------------------------------------------------

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
    sa.Column(
        "topic", sa.String(80), primary_key=True
    ),  # domain.subscribers.topics.Topic: "links", "field:dat-dai"
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Index("ix_subscriptions_topic_person_id", "topic", "person_id"),
)

# How a subscriber wants to hear; no row: at once.
subscribers = sa.Table(
    "subscribers",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
    sa.Column("daily", sa.Boolean, nullable=False, server_default=sa.false()),  # one digest a day
    sa.Column("digested_until", UtcDateTime),
)

broadcasts = sa.Table(
    "broadcasts",
    metadata,
    _id(),
    sa.Column("kind", sa.String(24), nullable=False),  # domain.broadcasts.broadcasts.BroadcastKind
    sa.Column(
        "audience", sa.String(80), nullable=False
    ),  # domain.broadcasts.broadcasts.Audience: "all", "field:dat-dai"
    sa.Column("content", Json, nullable=False),  # the facts that its words are made of, by kind
    sa.Column("occasion", sa.String(64), unique=True),  # what is announced once; null for what people compose
    sa.Column("status", sa.String(16), nullable=False),  # domain.broadcasts.broadcasts.BroadcastStatus
    sa.Column("start_at", UtcDateTime, nullable=False),
    sa.Column("stop_at", UtcDateTime),  # what is not sent by then is dropped: a late reminder is no use
    _ref("repeats_id", "broadcasts.id", nullable=True),  # sent once more to those whom that one did not reach
    sa.Column("created_at", UtcDateTime, nullable=False),
    _ref("created_by", "people.id", nullable=True),
    sa.Column("started_at", UtcDateTime),  # recipients are rows from then on
    sa.Column("ended_at", UtcDateTime),
    _ref("progress_id", "outbox.id", nullable=True),  # the message that shows its progress
    sa.Column(
        "waits_for", sa.String(16)
    ),  # domain.broadcasts.broadcasts.WaitsFor: it does not start before somebody agrees
    _ref("approved_by", "people.id", nullable=True),  # who agreed, somebody else than its author
    sa.Column(
        "counted", sa.Integer, nullable=False, server_default="0"
    ),  # recipients, when it was queued or started
    sa.Index("ix_broadcasts_status_start_at", "status", "start_at"),
    sa.Index(
        "ix_broadcasts_shown",
        "id",
        sqlite_where=sa.text("progress_id IS NOT NULL"),
        postgresql_where=sa.text("progress_id IS NOT NULL"),
    ),
)

# One recipient of one broadcast. The person's row knows the address and the language; the broadcast, the words.
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("broadcast_id", Id, sa.ForeignKey("broadcasts.id"), primary_key=True, autoincrement=False),
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(16), nullable=False),  # domain.broadcasts.broadcasts.DeliveryState
    sa.Column("not_before", UtcDateTime),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("message_id", sa.Text),  # as the messenger calls it
    sa.Column("sent_at", UtcDateTime),
    sa.Column("error", sa.Text),
    sa.Index("ix_deliveries_broadcast_id_state_sent_at", "broadcast_id", "state", "sent_at"),
    sa.Index("ix_deliveries_person_id", "person_id"),
    sa.Index(
        "ix_deliveries_pending",
        "broadcast_id",
        "person_id",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    ),
)

# What a member of the staff is composing: beside their conversation, for that may turn to something else meanwhile.
broadcast_drafts = sa.Table(
    "broadcast_drafts",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

# Who paused, resumed, moved, cancelled or repeated a broadcast, and when.
broadcast_acts = sa.Table(
    "broadcast_acts",
    metadata,
    _id(),
    _ref("broadcast_id", "broadcasts.id", index=True),
    sa.Column("act", sa.String(16), nullable=False),  # domain.broadcasts.broadcasts.BroadcastAct
    _ref("person_id", "people.id"),
    sa.Column("at", UtcDateTime, nullable=False),
)

# --- in and out -------------------------------------------------------------------------------------------------

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column(
        "event", sa.String(255), primary_key=True
    ),  # as the channel calls what came: known when it comes again
    sa.Column("place", sa.BigInteger, nullable=False),  # in the order of the channel's events
    sa.Column("chat", sa.String(64), nullable=False),  # one update in flight per chat
    sa.Column("payload", sa.Text, nullable=False),  # raw JSON, as it came
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),  # storage.delivery.inbox.InboxState
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Index(
        "ix_inbox_waiting",
        "place",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    ),
    sa.Index("ix_inbox_chat", "chat"),  # to erase what somebody sent
    sa.Index("ix_inbox_received_at", "received_at"),  # to forget what is old
    sa.Index(
        "ix_inbox_parked",
        "received_at",
        sqlite_where=sa.text("state = 'parked'"),
        postgresql_where=sa.text("state = 'parked'"),
    ),
)

outbox = sa.Table(
    "outbox",
    metadata,
    _id(),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    _ref("person_id", "people.id", nullable=True),
    sa.Column("lane", sa.Integer, nullable=False),  # storage.delivery.outbox.Lane: smaller goes first
    sa.Column("kind", sa.String(16), nullable=False),  # channels.outgoing.Kind
    sa.Column("content", Json, nullable=False),
    _ref("question_id", "questions.id", nullable=True, index=True),
    sa.Column("about", sa.String(16)),  # what a reply to it means: card, clarification, answer, list
    _ref("edit_of", "outbox.id", nullable=True),  # the earlier message that this one changes
    sa.Column("supersedes", sa.String(64)),  # a newer row with the same key replaces one not yet sent
    sa.Column("state", sa.String(16), nullable=False),  # storage.delivery.outbox.OutboxState
    sa.Column("not_before", UtcDateTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("message_id", sa.Text),  # as the messenger calls it
    sa.Column("queued_at", UtcDateTime, nullable=False),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("error", sa.Text),
    sa.Column("undo_id", Id),  # what caused it may be undone until `not_before`; no constraint, for undos go
    sa.Index(
        "ix_outbox_undo_id",
        "undo_id",
        sqlite_where=sa.text("undo_id IS NOT NULL"),
        postgresql_where=sa.text("undo_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_outbox_to_send",
        "lane",
        "id",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    ),
    sa.Index(
        "ix_outbox_queued_for_address",
        "address",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    ),
    sa.Index(
        "ix_outbox_in_flight",
        "id",
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    ),
    sa.Index("ix_outbox_queued_at", "queued_at"),
    sa.Index("ix_outbox_address_message_id", "address", "message_id"),
    sa.Index("ix_outbox_supersedes", "supersedes", "state"),
)

# What somebody did a moment ago and may still undo; gone once its time is over.
undos = sa.Table(
    "undos",
    metadata,
    _id(),
    _ref("person_id", "people.id"),  # who did it, and alone may undo it
    sa.Column("what", sa.String(32), nullable=False),  # domain.questions.history.Event, or "link_added"
    _ref("question_id", "questions.id", nullable=True, index=True),
    sa.Column(
        "before", Json, nullable=False
    ),  # what was before, as storage.questions.restoring has it: no words
    sa.Column("last_event", Id),  # of the question's history, when it was done
    sa.Column("until", UtcDateTime, nullable=False, index=True),
    sa.Column("undone_at", UtcDateTime),
)

# Whose words are not taken for a time, because an editor stopped them (docs/decisions/0044).
blocks = sa.Table(
    "blocks",
    metadata,
    _id(),
    _ref("person_id", "people.id", index=True),
    _ref(
        "question_id", "questions.id", nullable=True, index=True
    ),  # of theirs, that an editor had before them
    sa.Column("begun_at", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False, index=True),  # it ends by itself
    _ref("by_id", "people.id", nullable=True),  # null: a restore brought it back, and nobody knows who it was
    sa.Column("reason", sa.Text),  # for editors and admins; null: a restore brought it back without
    sa.Column("told_on", sa.Date),  # the last day on which the person was told, programme time
    sa.Column("ended_at", UtcDateTime),  # taken back before its time
    _ref("ended_by", "people.id", nullable=True),
)

# How many came by which word behind the bot's link on a day: counts, nobody's name.
sources = sa.Table(
    "sources",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),  # programme time
    sa.Column("word", sa.String(32), primary_key=True, index=True),  # "": all others of that day
    sa.Column("starts", sa.Integer, nullable=False),
)

# The further questions, besides `outbox.question_id`, whose words a message shows: lists, previews, prompts.
outbox_questions = sa.Table(
    "outbox_questions",
    metadata,
    sa.Column("question_id", Id, sa.ForeignKey("questions.id"), primary_key=True, autoincrement=False),
    sa.Column("outbox_id", Id, sa.ForeignKey("outbox.id"), primary_key=True, autoincrement=False),
)

# The ledger of a period as a spreadsheet, from the request until its message can't be deleted any more.
ledger_exports = sa.Table(
    "ledger_exports",
    metadata,
    _id(),
    _ref("person_id", "people.id"),
    sa.Column("first_on", sa.Date, nullable=False),  # of receipt, programme time; both days included
    sa.Column("last_on", sa.Date, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),  # storage.ledger.exports.ExportState
    sa.Column("asked_at", UtcDateTime, nullable=False),
    # Counts what may no longer be in it: what was read before must not go out.
    sa.Column("outdated", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("checksum", sa.String(64)),  # of the file in storage.files, while it is there
    _ref("outbox_id", "outbox.id", nullable=True),  # the message that brings it
)

# Append-only, by triggers, and a chain (domain.privacy.audit). No personal text, only references.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", Id, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    _ref("actor_id", "people.id", nullable=True),  # null: an operator at the command line, or the programme
    sa.Column("act", sa.String(32), nullable=False),  # domain.privacy.audit.AuditAct
    sa.Column("subject", sa.String(64), nullable=False),  # "person:12", "question:3"
    sa.Column("details", Json, nullable=False),
    sa.Column("seal", sa.String(64), nullable=False),
)

# What the words of entries were when a piece of the history was sealed (services.operation.evidence). The piece's audit
# entry covers these digests. Salt: null once the words may have changed by right (erased), "" once they were sealed
# anew, in a later piece; then nothing is left that a guess could be compared with.
text_seals = sa.Table(
    "text_seals",
    metadata,
    sa.Column("piece", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entry_id", Id, sa.ForeignKey("entries.id"), primary_key=True, autoincrement=False, index=True),
    sa.Column("salt", sa.String(32)),
    sa.Column("digest", sa.String(64), nullable=False),  # "": nothing was left of them
    sa.Index(
        "ix_text_seals_open",
        "entry_id",
        sqlite_where=sa.text("salt IS NULL"),
        postgresql_where=sa.text("salt IS NULL"),
    ),
)

facts = sa.Table(
    "facts",
    metadata,
    sa.Column(
        "key", sa.String(32), primary_key=True
    ),  # e.g. the bot's name, known after the first connection
    sa.Column("value", sa.Text, nullable=False),
)

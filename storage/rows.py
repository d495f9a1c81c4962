"""One protocol a table: what its rows look like to who reads them.

A test compares them with `tables`. A row of SQLAlchemy answers to any name, so a query is believed: what it says it
returns, it must select. Rows of joins are the table's and more (a protocol beside their query that adds to these), or
name what they hold.
"""

from datetime import date, datetime, time
from typing import Any, Protocol


class PersonRow(Protocol):
    """Of `people`."""

    id: int
    channel: str
    address: str | None
    display_name: str
    language: str
    full_name: str | None
    home_address: str | None
    contact: str | None
    unreachable_at: datetime | None
    left_broadcasts_at: datetime | None
    created_at: datetime
    erased_at: datetime | None
    blocked_until: datetime | None


class ConsentRow(Protocol):
    """Of `consents`."""

    id: int
    person_id: int
    kind: str
    version: str
    question_id: int | None
    topic: str | None
    given_at: datetime
    withdrawn_at: datetime | None


class RoleRow(Protocol):
    """Of `roles`."""

    id: int
    person_id: int
    role: str
    agency_id: int | None
    granted_at: datetime
    granted_by: int | None
    vouched_at: datetime | None
    vouched_by: int | None
    revoked_at: datetime | None
    revoked_by: int | None
    chat_left_from: int | None


class InvitationRow(Protocol):
    """Of `invitations`."""

    id: int
    digest: str
    role: str
    agency_id: int | None
    uses_left: int
    expires_at: datetime
    created_at: datetime
    created_by: int | None
    ended_at: datetime | None
    ended_by: int | None


class InvitationUseRow(Protocol):
    """Of `invitation_uses`."""

    invitation_id: int
    person_id: int
    at: datetime


class ConversationRow(Protocol):
    """Of `conversations`."""

    person_id: int
    step: str
    data: dict[str, Any]
    updated_at: datetime


class QuestionDraftRow(Protocol):
    """Of `question_drafts`."""

    person_id: int
    step: str
    data: dict[str, Any]
    updated_at: datetime


class AgencyRow(Protocol):
    """Of `agencies`."""

    id: int
    code: str
    name: str
    short_name: str
    level: str
    valid_from: date | None
    valid_to: date | None


class AgencyAliasRow(Protocol):
    """Of `agency_aliases`."""

    agency_id: int
    alias: str
    kind: str


class AgencySuccessorRow(Protocol):
    """Of `agency_successors`."""

    agency_id: int
    successor_code: str


class AgencyFieldRow(Protocol):
    """Of `agency_fields`."""

    agency_id: int
    field_code: str


class FieldRow(Protocol):
    """Of `fields`."""

    code: str
    position: int
    name: str
    name_en: str
    answer_days: int | None
    communal: bool


class ConfirmedYearRow(Protocol):
    """Of `confirmed_years`."""

    year: int
    confirmed_at: datetime
    confirmed_by: int


class DayRow(Protocol):
    """Of `days`."""

    date: date
    kind: str
    note: str


class CodeNumberRow(Protocol):
    """Of `code_numbers`."""

    year: int
    last: int


class QuestionRow(Protocol):
    """Of `questions`."""

    id: int
    year: int
    number: int
    status: str
    secrecy: str
    emergency: bool
    channel: str
    asker_id: int
    organisation: str | None
    received_at: datetime
    field_code: str | None
    lead_agency_id: int | None
    assign_due_at: datetime
    assign_since: date | None
    assign_days: int | None
    due_at: datetime | None
    first_due_at: datetime | None
    due_since: date | None
    due_days: int | None
    remaining_days: int | None
    answered_at: datetime | None
    answer_id: int | None
    published_at: datetime | None
    reopened_at: datetime | None
    duplicate_of_id: int | None


class EntryRow(Protocol):
    """Of `entries`."""

    id: int
    question_id: int
    kind: str
    author_id: int | None
    agency_id: int | None
    text: str | None
    at: datetime


class PublishedWordRow(Protocol):
    """Of `published_words`."""

    word: str
    question_id: int


class HistoryRow(Protocol):
    """Of `history`."""

    id: int
    question_id: int
    at: datetime
    event: str
    actor_id: int | None
    actor_role: str
    entry_id: int | None
    details: dict[str, Any]


class AssignmentRow(Protocol):
    """Of `assignments`."""

    id: int
    question_id: int
    agency_id: int
    part: str
    agency_name: str
    assigned_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None


class DraftRow(Protocol):
    """Of `drafts`."""

    id: int
    question_id: int
    entry_id: int
    official_letter: str | None
    submitted_by: int | None
    submitted_at: datetime
    outcome: str | None
    album: str | None
    corrects_id: int | None
    why_entry_id: int | None


class AnswerBeingWrittenRow(Protocol):
    """Of `answers_being_written`."""

    person_id: int
    question_id: int
    data: dict[str, Any]
    updated_at: datetime


class ApprovalRow(Protocol):
    """Of `approvals`."""

    id: int
    draft_id: int
    step: str
    approver_id: int
    at: datetime


class ClarificationRow(Protocol):
    """Of `clarifications`."""

    id: int
    question_id: int
    entry_id: int
    asked_at: datetime
    reply_by: datetime
    reply_days: int | None
    ended_at: datetime | None


class ExtensionRow(Protocol):
    """Of `extensions`."""

    id: int
    question_id: int
    entry_id: int
    days: int
    asked_by: int
    asked_at: datetime
    outcome: str | None
    decided_by: int | None
    decided_at: datetime | None


class PromiseRow(Protocol):
    """Of `promises`."""

    id: int
    question_id: int
    entry_id: int
    agency_id: int
    due_at: datetime
    made_at: datetime
    kept_at: datetime | None
    withdrawn_at: datetime | None


class OccasionRow(Protocol):
    """Of `occasions`."""

    recipient: str
    kind: str
    occasion: str
    at: datetime


class ReminderRow(Protocol):
    """Of `reminders`."""

    recipient: str
    matter: str
    subject_id: int
    due_on: date
    rung: str
    at: datetime
    outbox_id: int


class AgencyGroupRow(Protocol):
    """Of `agency_groups`."""

    id: int
    agency_id: int
    channel: str
    address: str
    title: str
    topic: str | None
    linked_by: int
    linked_at: datetime
    ended_at: datetime | None


class RatingRow(Protocol):
    """Of `ratings`."""

    question_id: int
    person_id: int
    stars: int
    entry_id: int | None
    at: datetime


class FileRow(Protocol):
    """Of `files`."""

    id: int
    person_id: int
    question_id: int | None
    entry_id: int | None
    kind: str
    remote_id: str
    name: str
    content_type: str
    size: int | None
    checksum: str | None
    state: str
    tries: int
    next_try_at: datetime
    created_at: datetime


class TakenRow(Protocol):
    """Of `taken`."""

    who: str
    day: date
    what: str
    amount: int


class DiscardedFileRow(Protocol):
    """Of `discarded_files`."""

    checksum: str
    at: datetime


class ErasureRow(Protocol):
    """Of `erasures`."""

    person_id: int
    created_at: datetime
    erased_at: datetime


class SlotRow(Protocol):
    """Of `slots`."""

    id: int
    code: str
    channel: str
    medium: str
    weeks: str | None
    weekday: int | None
    at: time
    minutes: int | None
    repeat_of_id: int | None
    days_after: int | None
    valid_from: date | None
    valid_to: date | None


class AiringRow(Protocol):
    """Of `airings`."""

    id: int
    slot_id: int | None
    rule_on: date | None
    kind: str
    starts_at: datetime
    channel: str
    medium: str
    minutes: int | None
    status: str
    added: bool
    reason: str | None
    episode_id: int | None
    changes: int
    changed_at: datetime
    changed_by: int | None


class EpisodeRow(Protocol):
    """Of `episodes`."""

    id: int
    year: int
    number: int
    title: str
    field_code: str | None
    purpose: str | None
    requirements: str | None
    minutes: int | None
    recording_at: datetime | None
    recording_place: str | None
    recording_manner: str | None
    plan_due_at: datetime | None
    recorded_at: datetime | None
    created_at: datetime
    created_by: int | None


class EpisodeQuestionRow(Protocol):
    """Of `episode_questions`."""

    episode_id: int
    question_id: int
    position: int
    on_air: str | None
    chosen_at: datetime
    chosen_by: int
    left_out_at: datetime | None
    left_out_why: str | None
    asker_told: str | None
    told_airing_at: datetime | None


class EpisodeGuestRow(Protocol):
    """Of `episode_guests`."""

    id: int
    episode_id: int
    agency_id: int
    agency_name: str
    name: str
    position: str
    substitute_for_id: int | None
    added_at: datetime
    withdrawn_at: datetime | None


class ScriptPlanRow(Protocol):
    """Of `script_plans`."""

    id: int
    episode_id: int
    version: int
    document: bytes
    due_at: datetime
    sent_at: datetime
    sent_by: int


class PlanReceiptRow(Protocol):
    """Of `plan_receipts`."""

    id: int
    plan_id: int
    agency_id: int
    agency_name: str
    due_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: int | None
    replaced_at: datetime | None


class LinkRow(Protocol):
    """Of `links`."""

    id: int
    episode_id: int
    kind: str
    url: str
    added_at: datetime
    added_by: int | None
    removed_at: datetime | None


class LinkMomentRow(Protocol):
    """Of `link_moments`."""

    link_id: int
    question_id: int
    seconds: int


class LinkViewRow(Protocol):
    """Of `link_views`."""

    link_id: int
    day: date
    views: int
    recorded_at: datetime
    recorded_by: int | None


class SubscriptionRow(Protocol):
    """Of `subscriptions`."""

    person_id: int
    topic: str
    since: datetime


class SubscriberRow(Protocol):
    """Of `subscribers`."""

    person_id: int
    daily: bool
    digested_until: datetime | None


class BroadcastRow(Protocol):
    """Of `broadcasts`."""

    id: int
    kind: str
    audience: str
    content: dict[str, Any]
    occasion: str | None
    status: str
    start_at: datetime
    stop_at: datetime | None
    repeats_id: int | None
    created_at: datetime
    created_by: int | None
    started_at: datetime | None
    ended_at: datetime | None
    progress_id: int | None
    waits_for: str | None
    approved_by: int | None
    counted: int


class DeliveryRow(Protocol):
    """Of `deliveries`."""

    broadcast_id: int
    person_id: int
    state: str
    not_before: datetime | None
    tries: int
    message_id: str | None
    sent_at: datetime | None
    error: str | None


class BroadcastDraftRow(Protocol):
    """Of `broadcast_drafts`."""

    person_id: int
    data: dict[str, Any]
    updated_at: datetime


class BroadcastActRow(Protocol):
    """Of `broadcast_acts`."""

    id: int
    broadcast_id: int
    act: str
    person_id: int
    at: datetime


class InboxRow(Protocol):
    """Of `inbox`."""

    channel: str
    event: str
    place: int
    chat: str
    payload: str
    received_at: datetime
    state: str
    tries: int


class OutboxRow(Protocol):
    """Of `outbox`."""

    id: int
    channel: str
    address: str
    person_id: int | None
    lane: int
    kind: str
    content: dict[str, Any]
    question_id: int | None
    about: str | None
    edit_of: int | None
    supersedes: str | None
    state: str
    not_before: datetime
    tries: int
    message_id: str | None
    queued_at: datetime
    sent_at: datetime | None
    error: str | None
    undo_id: int | None


class UndoRow(Protocol):
    """Of `undos`."""

    id: int
    person_id: int
    what: str
    question_id: int | None
    before: dict[str, Any]
    last_event: int | None
    until: datetime
    undone_at: datetime | None


class BlockRow(Protocol):
    """Of `blocks`."""

    id: int
    person_id: int
    question_id: int | None
    begun_at: datetime
    until: datetime
    by_id: int | None
    reason: str | None
    told_on: date | None
    ended_at: datetime | None
    ended_by: int | None


class SourceRow(Protocol):
    """Of `sources`."""

    day: date
    word: str
    starts: int


class OutboxQuestionRow(Protocol):
    """Of `outbox_questions`."""

    question_id: int
    outbox_id: int


class LedgerExportRow(Protocol):
    """Of `ledger_exports`."""

    id: int
    person_id: int
    first_on: date
    last_on: date
    state: str
    asked_at: datetime
    outdated: int
    tries: int
    checksum: str | None
    outbox_id: int | None


class AuditRow(Protocol):
    """Of `audit`."""

    number: int
    at: datetime
    actor_id: int | None
    act: str
    subject: str
    details: dict[str, Any]
    seal: str


class TextSealRow(Protocol):
    """Of `text_seals`."""

    piece: int
    entry_id: int
    salt: str | None
    digest: str


class FactRow(Protocol):
    """Of `facts`."""

    key: str
    value: str

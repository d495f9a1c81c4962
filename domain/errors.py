"""Refusals: a reason, worded by a template for the person, and facts for the log."""

from enum import StrEnum


class Reason(StrEnum):
    """The reason of a refusal.

    Each has a sentence per language in `messages/templates/<lang>/refusals/`.
    """

    # Who and where
    UNKNOWN_CODE = "unknown_code"  # no such question, or one this person may not know of
    NOT_ALLOWED = "not_allowed"  # this person never does this
    HIDDEN = "hidden"  # a suspected or confirmed denunciation: editors only
    ALREADY_DONE = "already_done"  # somebody was quicker; the card shows how it stands now
    WRONG_STATUS = "wrong_status"
    MERGED = "merged"  # the question lives on in another one
    STALE_BUTTON = "stale_button"
    CARD_REPLY = "card_reply"  # replied to a question's card, which only those answer who work on it
    BLOCKED = "blocked"  # an editor stopped them: what they write is not taken until a day
    CANNOT_BLOCK = "cannot_block"  # one of the staff, or nobody whom a messenger reaches
    BLOCKED_ALREADY = "blocked_already"
    NOT_BLOCKED = "not_blocked"
    BLOCK_END = "block_end"  # a day that has passed, or too far away
    # What was typed
    CODE_MISSING = "code_missing"
    TEXT_MISSING = "text_missing"
    REASON_MISSING = "reason_missing"
    TOO_LONG = "too_long"
    UNKNOWN_AGENCY = "unknown_agency"
    AGENCY_ENDED = "agency_ended"
    AGENCY_TWICE = "agency_twice"
    SEVERAL_AGENCIES = "several_agencies"  # have this name
    UNKNOWN_FIELD = "unknown_field"
    SEVERAL_FIELDS = "several_fields"
    UNKNOWN_REFUSAL = "unknown_refusal"
    UNKNOWN_ROLE = "unknown_role"
    ROLE_NEEDS_AGENCY = "role_needs_agency"
    ROLE_HAS_NO_AGENCY = "role_has_no_agency"
    BAD_RATING = "bad_rating"
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_TOPIC = "unknown_topic"  # nothing to subscribe to
    BAD_CONTACT = "bad_contact"
    # The list of days
    BAD_DATE = "bad_date"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    DAY_KIND_MISSING = "day_kind_missing"  # a date, and neither off nor work nor remove
    DAY_TWICE = "day_twice"
    DAY_SAYS_SO = "day_says_so"  # nothing would change
    DAY_NOT_LISTED = "day_not_listed"  # only the admins' own lines can be taken back
    YEAR_CONFIRMED = "year_confirmed"  # before
    YEAR_TOO_FAR = "year_too_far"  # past, or not decided by anybody
    # The ledger as a spreadsheet
    BAD_PERIOD = "bad_period"  # not a first and a last day
    PERIOD_TURNED = "period_turned"  # it ends before it begins
    LEDGER_EMPTY = "ledger_empty"  # no question in that period
    LEDGER_TOO_LONG = "ledger_too_long"  # more questions than a spreadsheet has rows
    LEDGER_UNDER_WAY = "ledger_under_way"  # asked for before, and not sent yet
    # Links of episodes
    UNKNOWN_EPISODE = "unknown_episode"
    BAD_LINK = "bad_link"  # no plausible address
    LINK_HOST = "link_host"  # not a host that the configuration names (for that kind)
    LINK_TWICE = "link_twice"
    UNKNOWN_LINK = "unknown_link"
    BAD_TIME_CODE = "bad_time_code"
    NOT_IN_EPISODE = "not_in_episode"  # a question that is not chosen, left out, or hidden
    BAD_VIEWS = "bad_views"
    BAD_COUNT_DAY = "bad_count_day"
    DAY_TO_COME = "day_to_come"  # nobody has counted yet
    # How much one person may send
    TOO_MANY_MESSAGES = "too_many_messages"  # in a minute
    QUESTIONS_TODAY = "questions_today"
    # Files
    FILE_EMPTY = "file_empty"  # nothing in it
    TOO_MANY_FILES = "too_many_files"
    FILES_TODAY = "files_today"  # as many as one person may send in a day
    UNSUPPORTED_MESSAGE = "unsupported_message"
    # Files of an operator: advice beside what is wrong on which line
    CSV_ENCODING = "csv_encoding"
    CSV_COLUMNS = "csv_columns"
    CSV_DATES = "csv_dates"
    ENDED_WITH_WORK = "ended_with_work"  # an agency, and no one successor
    # Rules of the question's life
    CONSENT_MISSING = "consent_missing"
    EMPTY_DRAFT = "empty_draft"
    MERGE_WITH_ITSELF = "merge_with_itself"
    MERGE_INTO_ENDED = "merge_into_ended"
    REOPENED_BEFORE = "reopened_before"
    REOPEN_TOO_LATE = "reopen_too_late"
    EXTENSION_TOO_LONG = "extension_too_long"
    EXTENSION_TOO_LATE = "extension_too_late"
    EXTENSION_OVER = "extension_over"  # the days that were asked for have gone by
    EXTENSION_ASKED_ALREADY = "extension_asked_already"
    DAYS_MISSING = "days_missing"
    DATE_MISSING = "date_missing"
    PROMISE_IN_THE_PAST = "promise_in_the_past"
    NO_PROMISE = "no_promise"
    NOTHING_CORRECTED = "nothing_corrected"  # the new answer reads like the one that went out
    CORRECTED_MEANWHILE = "corrected_meanwhile"  # what they changed is no longer the answer
    CORRECTION_WAITS = "correction_waits"  # another one, of the other side's, for approval
    CORRECTION_OWN = "correction_own"  # its proposer asks: another editor decides
    CORRECTION_WITHDRAWN = "correction_withdrawn"  # before somebody decided
    NO_CORRECTION = "no_correction"  # waits
    PUBLICATION_NOT_CONSENTED = "publication_not_consented"
    ALREADY_PUBLISHED = "already_published"
    # Broadcasts
    UNKNOWN_BROADCAST = "unknown_broadcast"
    UNKNOWN_AUDIENCE = "unknown_audience"
    BROADCAST_NOT_STARTED = "broadcast_not_started"  # it can be cancelled; there is nothing to pause
    BROADCAST_ENDED = "broadcast_ended"  # done or cancelled: nothing is left to stop or to go on with
    BROADCAST_OWN = "broadcast_own"  # its author asks: somebody else has to agree
    BROADCAST_NOT_TAKEN_BACK = "broadcast_not_taken_back"  # nobody has it, or for too long
    BROADCAST_NOT_WAITING = "broadcast_not_waiting"  # for anybody's word
    BROADCAST_GOES_ON = "broadcast_goes_on"  # not over yet, so nobody was missed
    NOBODY_MISSED = "nobody_missed"
    # Airings
    NO_AIRING = "no_airing"  # on that day, at that time
    WHICH_AIRING = "which_airing"  # several then
    NO_AIRING_MOMENT = "no_airing_moment"  # a day and a time to move to, or to air
    AIRING_IN_THE_PAST = "airing_in_the_past"
    AIRING_CLASH = "airing_clash"  # the channel airs another one that minute
    AIRING_AS_IT_IS = "airing_as_it_is"  # nothing would change
    AIRING_CHANGED_MEANWHILE = "airing_changed_meanwhile"
    FIRST_AIRING_CANCELLED = "first_airing_cancelled"  # its repeat can't air by itself
    UNKNOWN_AIR_CHANNEL = "unknown_air_channel"
    SLOT_AIRS_THAT_DAY = "slot_airs_that_day"  # no second one with repeats
    NO_REPEATS_THEN = "no_repeats_then"  # the channel has no slot with repeats that day
    # Episodes and script plans
    EPISODE_USAGE = "episode_usage"  # what is to be done with it was not understood
    EPISODE_EXISTS = "episode_exists"  # its number is taken
    BAD_MINUTES = "bad_minutes"
    BAD_MOMENT = "bad_moment"  # neither a day nor a time of day
    RECORDING_IN_THE_PAST = "recording_in_the_past"
    ALREADY_CHOSEN = "already_chosen"  # for this episode or another
    NOT_ALL_CHOSEN = "not_all_chosen"  # of several for an episode; each that was refused is named
    NOT_CHOSEN = "not_chosen"
    ON_AIR_TELLS = "on_air_tells"  # the words for the air point to a person
    GUEST_MISSING = "guest_missing"  # agency and name
    NO_GUEST = "no_guest"
    PLAN_NOT_READY = "plan_not_ready"
    PLAN_CHANGED = "plan_changed"  # since it was shown
    PLAN_REPLACED = "plan_replaced"  # by a newer one
    TEMPLATE_BROKEN = "template_broken"
    # Invitations and roles
    INVITATION_INVALID = "invitation_invalid"
    INVITATION_EXPIRED = "invitation_expired"
    INVITATION_USED = "invitation_used"
    INVITATION_ENDED = "invitation_ended"  # cancelled, its maker may invite no more, or it was theirs before
    INVITATION_OWN = "invitation_own"
    LAST_ADMIN = "last_admin"
    ROLE_NOT_HELD = "role_not_held"
    ROLE_HELD = "role_held"  # who holds a role can't be erased
    ASKER_IN_CHAT = "asker_in_chat"  # who asks in the messenger erases their data there, by themselves
    UNKNOWN_DATA = "unknown_data"  # nothing of that name is held about anybody
    UNDO_TOO_LATE = "undo_too_late"
    UNDO_OVERTAKEN = "undo_overtaken"  # something else happened since
    UNDONE_ALREADY = "undone_already"
    GROUP_CHAT = "group_chat"
    HIDDEN_ADMIN = "hidden_admin"  # they write in the group's name
    NO_GROUP = "no_group"
    WHICH_AGENCY = "which_agency"
    UNKNOWN_COMMAND = "unknown_command"
    # Broadcasts
    BROADCAST_TOO_LONG = "broadcast_too_long"  # with its picture, or without one
    NOT_A_PICTURE = "not_a_picture"  # a voice message, a file, a sticker
    ONE_PICTURE = "one_picture"  # further ones of an album
    BAD_ADDRESS = "bad_address"  # of a button
    BUTTON_LABEL_MISSING = "button_label_missing"
    BUTTON_LABEL_TOO_LONG = "button_label_too_long"
    MOMENT_PAST = "moment_past"
    MOMENT_TOO_FAR = "moment_too_far"
    NO_RECIPIENTS = "no_recipients"
    BROADCAST_BEGAN = "broadcast_began"  # too late for another time


# Typing something else does not help: the matter is decided, or no longer this person's to decide.
OVER = frozenset(
    {
        Reason.NOT_ALLOWED,
        Reason.HIDDEN,
        Reason.ALREADY_DONE,
        Reason.WRONG_STATUS,
        Reason.MERGED,
        Reason.REOPENED_BEFORE,
        Reason.REOPEN_TOO_LATE,
        Reason.EXTENSION_TOO_LATE,
        Reason.EXTENSION_OVER,
        Reason.EXTENSION_ASKED_ALREADY,
        Reason.NO_PROMISE,
        Reason.ALREADY_PUBLISHED,
        Reason.CORRECTED_MEANWHILE,
        Reason.CORRECTION_WAITS,
        Reason.CORRECTION_OWN,
        Reason.CORRECTION_WITHDRAWN,
        Reason.NO_CORRECTION,
    }
)


class RuleViolation(Exception):
    """Something a person may not do, or typed wrong; nothing was changed.

    `facts` fill the sentence's template.
    """

    def __init__(self, reason: Reason, **facts: object) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.facts = facts

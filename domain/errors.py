"""Refusals in two voices: a reason whose wording is a template for the person, and facts for the log."""

from enum import StrEnum


class Reason(StrEnum):
    """Why something was refused. Each has a sentence per language in `messages/templates/<lang>/refusals/`."""

    # Who and where
    UNKNOWN_CODE = "unknown_code"  # no such question, or one this person may not know of
    NOT_ALLOWED = "not_allowed"  # this person never does this
    HIDDEN = "hidden"  # a suspected or confirmed denunciation: editors only
    ALREADY_DONE = "already_done"  # somebody was quicker; the card shows how it stands now
    WRONG_STATUS = "wrong_status"
    MERGED = "merged"  # the question lives on in another one
    STALE_BUTTON = "stale_button"
    CARD_REPLY = "card_reply"  # replied to a question's card, which only those answer who work on it
    # What was typed
    CODE_MISSING = "code_missing"
    TEXT_MISSING = "text_missing"
    REASON_MISSING = "reason_missing"
    TOO_LONG = "too_long"
    UNKNOWN_AGENCY = "unknown_agency"
    AGENCY_ENDED = "agency_ended"
    AGENCY_TWICE = "agency_twice"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_REFUSAL = "unknown_refusal"
    UNKNOWN_ROLE = "unknown_role"
    ROLE_NEEDS_AGENCY = "role_needs_agency"
    ROLE_HAS_NO_AGENCY = "role_has_no_agency"
    BAD_RATING = "bad_rating"
    UNKNOWN_CHANNEL = "unknown_channel"
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
    # Files
    FILE_TOO_BIG = "file_too_big"
    TOO_MANY_FILES = "too_many_files"
    UNSUPPORTED_MESSAGE = "unsupported_message"
    # Rules of the question's life
    CONSENT_MISSING = "consent_missing"
    EMPTY_DRAFT = "empty_draft"
    MERGE_WITH_ITSELF = "merge_with_itself"
    MERGE_INTO_ENDED = "merge_into_ended"
    REOPENED_BEFORE = "reopened_before"
    REOPEN_TOO_LATE = "reopen_too_late"
    EXTENSION_TOO_LONG = "extension_too_long"
    EXTENSION_TOO_LATE = "extension_too_late"
    EXTENSION_ASKED_ALREADY = "extension_asked_already"
    DAYS_MISSING = "days_missing"
    DATE_MISSING = "date_missing"
    PROMISE_IN_THE_PAST = "promise_in_the_past"
    NO_PROMISE = "no_promise"
    PUBLICATION_NOT_CONSENTED = "publication_not_consented"
    ALREADY_PUBLISHED = "already_published"
    # Invitations and roles
    INVITATION_INVALID = "invitation_invalid"
    INVITATION_EXPIRED = "invitation_expired"
    INVITATION_USED = "invitation_used"
    LAST_ADMIN = "last_admin"
    ROLE_NOT_HELD = "role_not_held"
    GROUP_CHAT = "group_chat"
    NO_GROUP = "no_group"
    WHICH_AGENCY = "which_agency"
    UNKNOWN_COMMAND = "unknown_command"


# Other words mend none of these: what they were for was decided, or is no longer this person's to decide.
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
        Reason.EXTENSION_ASKED_ALREADY,
        Reason.NO_PROMISE,
        Reason.ALREADY_PUBLISHED,
    }
)


class RuleViolation(Exception):
    """Something a person may not do, or typed wrong. Changes nothing; `facts` fill the sentence's template."""

    def __init__(self, reason: Reason, **facts: object) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.facts = facts

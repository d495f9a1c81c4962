"""The events of a question's history.

The names are part of the ledger's JSON.
"""

from enum import StrEnum


class Event(StrEnum):
    """One thing that happened to a question (`history[].event`)."""

    RECEIVED = "received"
    ENTERED = "entered"  # by an editor, for post, telephone, e-mail or a dialogue
    FLAGGED = "flagged"
    MEANT = "meant"  # the asker said whether it is a question or a denunciation
    CLEARED = "cleared"
    CONFIRMED = "confirmed"  # a denunciation, found after the answer or the end: it stays hidden
    ASSIGNED = "assigned"
    REASSIGNED = "reassigned"
    FIELD_SET = "field_set"  # by an editor, or by assignment to an agency of just one field
    REFUSED = "refused"
    MERGED = "merged"
    JOINED = "joined"  # another question was merged into this one
    ACCEPTED = "accepted"
    RETURNED = "returned"
    ASKED_MORE = "asked_more"
    SUPPLIED = "supplied"
    CONTRIBUTED = "contributed"
    SUBMITTED = "submitted"  # a draft answer, for approval
    APPROVED = "approved"  # one step of approval
    SENT_BACK = "sent_back"
    ANSWERED = "answered"
    CORRECTION_PROPOSED = "correction_proposed"  # of an answer that went out
    CORRECTION_APPROVED = "correction_approved"  # one step
    CORRECTION_SENT_BACK = "correction_sent_back"
    CORRECTION_WITHDRAWN = "correction_withdrawn"  # by the side that proposed it
    CORRECTED = "corrected"  # it went out; `details` refer to who proposed and who approved it
    DELIVERED = "delivered"  # handed over outside the messenger
    FILES_PASSED_ON = "files_passed_on"  # an editor gave the answer's files to those who asked the same
    RATED = "rated"
    REOPENED = "reopened"
    CONSENTED = "consented_to_publication"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"  # by an editor, with a reason for the offices
    WITHDRAWN = "withdrawn"
    REVIVED = "revived"  # on its own again: what it was merged into was withdrawn, or an editor parted them
    RECONSIDERED = "reconsidered"  # refused before; the editors screen it once more
    CLOSED = "closed"
    RESUMED = "resumed"  # the asker gave no reply in time: the agency's clock goes on
    EXTENSION_ASKED = "extension_asked"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    RESCHEDULED = "rescheduled"  # the list of days off and worked changed
    PROMISED = "promised"
    PROMISE_MOVED = "promise_moved"
    PROMISE_KEPT = "promise_kept"
    PROMISE_WITHDRAWN = "promise_withdrawn"  # the agency can't keep it; the askers were told why
    CHOSEN_FOR_EPISODE = "chosen_for_episode"
    LEFT_OUT = "left_out"  # of an episode for which it was chosen
    UNDONE = "undone"  # by who did it, a moment later; `details` say what, and which event
    ASKER_CORRECTED = "asker_corrected"  # the asker's name, address or contact; which of them, not the words
    ASKER_ERASED = "asker_erased"  # who asked, and in which words, is no longer held


class EntryKind(StrEnum):
    """The kind of text that somebody wrote about a question (`entries.kind`)."""

    QUESTION = "question"
    RETURN_REASON = "return_reason"
    CLARIFICATION = "clarification"
    SUPPLEMENT = "supplement"  # the asker's reply to a clarification
    CONTRIBUTION = "contribution"  # of a coordinating agency
    DRAFT = "draft"
    SEND_BACK_REASON = "send_back_reason"
    REFUSAL_NOTE = "refusal_note"
    RATING_WORDS = "rating_words"
    REOPEN_REASON = "reopen_reason"
    CORRECTION_REASON = "correction_reason"
    UNPUBLISH_REASON = "unpublish_reason"
    PUBLIC_QUESTION = "public_question"  # anonymised, as published; the latest one stands
    PUBLIC_ANSWER = "public_answer"
    DELIVERY_NOTE = "delivery_note"
    EXTENSION_REASON = "extension_reason"
    EXTENSION_REFUSAL = "extension_refusal"
    EXTENSION_WORDS = "extension_words"  # why, as an editor words it for the asker
    PROMISE = "promise"
    UNDONE = "undone"  # said with what was undone: nobody reads it but in the history
    PROMISE_NOTE = "promise_note"  # how it was kept, or why its date moved

"""The audit log: acts with power over others, the rules or personal data.

Each entry seals those before it.
"""

import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

NOTHING_BEFORE = "0" * 64


class AuditAct(StrEnum):
    """An act that the audit log records."""

    INVITED = "invited"
    ROLE_GRANTED = "role_granted"
    ROLE_REVOKED = "role_revoked"
    VOUCHED = "vouched"  # another editor said that a new one reads denunciations
    VOUCH_REFUSED = "vouch_refused"
    INVITATION_ENDED = "invitation_ended"  # cancelled before anybody took it up
    DAYS_CHANGED = "days_changed"
    YEAR_CONFIRMED = "year_confirmed"
    HIDDEN_READ = "hidden_read"  # an editor opened a suspected or confirmed denunciation
    GROUP_LINKED = "group_linked"
    SENDER_BLOCKED = "sender_blocked"  # by the block's number: what they write is not taken until a day
    SENDER_UNBLOCKED = "sender_unblocked"
    RESTORED = "restored"  # the database was replaced by a backup
    CONSENT_GIVEN = "consent_given"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    DATA_CORRECTED = "data_corrected"  # what somebody said of themselves
    DATA_EXPORTED = "data_exported"  # somebody took all that is held about them
    LEDGER_EXPORTED = "ledger_exported"  # an admin took the ledger of a period as a file
    AIRING_CHANGED = "airing_changed"  # moved, cancelled, restored, added: subscribers hear of it
    BROADCAST_QUEUED = (
        "broadcast_queued"  # somebody composed it, or sent one once more; audience and count, no words
    )
    BROADCAST_APPROVED = "broadcast_approved"  # by a second editor
    BROADCAST_PAUSED = "broadcast_paused"
    BROADCAST_RESUMED = "broadcast_resumed"
    BROADCAST_STOPPED = "broadcast_stopped"
    BROADCAST_TAKEN_BACK = "broadcast_taken_back"  # from the chats of those who had it
    BROADCAST_MOVED = "broadcast_moved"  # to another time
    ERASED = "erased"
    ASKER_ERASED = "asker_erased"  # by an editor, for somebody whom no messenger reaches
    ERASURES_REPLAYED = "erasures_replayed"  # after a backup was restored
    RETENTION_APPLIED = "retention_applied"  # copies and identities whose time was over
    ENDINGS_REPLAYED = "endings_replayed"  # what had ended, and a restored backup brought back
    WORDS_ADDED = "words_added"  # the rest of an album joined an answer that had gone out
    TICKED_AS_IF = "ticked_as_if"  # an operator did the scheduled work of another moment
    EVIDENCE_BEGUN = "evidence_begun"  # what was there before the log recorded such things
    LEDGER_SEALED = "ledger_sealed"  # a piece of the history, and the words it refers to
    KEY_CHANGED = "key_changed"  # later entries are sealed with a key of the operator's


# What people do with their own data: the log's readers learn that it was done, not who asked a question here.
OWN_DATA = frozenset(
    {
        AuditAct.CONSENT_GIVEN,
        AuditAct.CONSENT_WITHDRAWN,
        AuditAct.DATA_CORRECTED,
        AuditAct.DATA_EXPORTED,
        AuditAct.ERASED,
    }
)

# What the log keeps for `danhoi doctor`: it tells a reader nothing.
OF_ITSELF = frozenset({AuditAct.EVIDENCE_BEGUN, AuditAct.LEDGER_SEALED, AuditAct.KEY_CHANGED})


class Head(NamedTuple):
    """The last entry of the log at some moment, as kept outside of the database.

    `at` is aware. `restored`: a backup's log replaced this one then; it ended at that entry.
    """

    at: datetime
    number: int
    seal: str
    restored: int | None = None


def seal(
    before: str,
    *,
    number: int,
    at: datetime,
    actor_id: int | None,
    act: str,
    subject: str,
    details: dict[str, Any],
    key: str = "",
) -> str:
    """Compute an entry's seal: SHA-256 over the seal before it and the entry.

    `at` is aware. With a key, nobody can compute it who has only the database.
    """
    said = [before, number, at.astimezone(UTC).isoformat(), actor_id, act, subject, details]
    content = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
    return hmac.digest(key.encode(), content, "sha256").hex() if key else sha256(content).hexdigest()


def key_name(key: str) -> str:
    """Return a name for a key that does not reveal it; "" for no key."""
    return sha256(b"danhoi audit key:" + key.encode()).hexdigest()[:16] if key else ""


# --- the ledger's evidence: pieces of the history, each sealed by one entry of the log --------------------------------


class HistoryDigest:
    """A digest over a piece of the history: its rows, then their words' digests."""

    def __init__(self) -> None:
        self._sum = sha256()

    def add(
        self,
        row_id: int,
        question_id: int,
        at: datetime,
        event: str,
        actor_id: int | None,
        actor_role: str,
        entry_id: int | None,
        details: dict[str, Any],
    ) -> None:
        moment = at.astimezone(UTC).isoformat()
        self._line([row_id, question_id, moment, event, actor_id, actor_role, entry_id, details])

    def add_words(self, sealed: Iterable[tuple[int, str]]) -> None:
        """Add ids of entries, each with the digest of its words."""
        for entry_id, digest in sealed:
            self._line([entry_id, digest])

    def _line(self, said: list[Any]) -> None:
        self._sum.update(json.dumps(said, ensure_ascii=False, sort_keys=True).encode() + b"\n")

    def hexdigest(self) -> str:
        return self._sum.hexdigest()


def words_digest(salt: str, text: str) -> str:
    """Compute a digest by which equal words can be recognised.

    It reveals nothing once the salt is gone.
    """
    return sha256(f"{salt}:{text}".encode("utf-8", "surrogatepass")).hexdigest()

"""The audit log: what people did with power over others, over the rules or over personal data; each entry seals those
before it."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

NOTHING_BEFORE = "0" * 64


class AuditAct(StrEnum):
    """What was done."""

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
    BROADCAST_MOVED = "broadcast_moved"  # to another time
    ERASED = "erased"
    ASKER_ERASED = "asker_erased"  # by an editor, for somebody whom no messenger reaches
    ERASURES_REPLAYED = "erasures_replayed"  # after a backup was restored
    RETENTION_APPLIED = "retention_applied"  # copies and identities whose time was over


# What people do about their own data: whoever reads the log learns that it was done, not who asked something here.
OWN_DATA = frozenset(
    {
        AuditAct.CONSENT_GIVEN,
        AuditAct.CONSENT_WITHDRAWN,
        AuditAct.DATA_CORRECTED,
        AuditAct.DATA_EXPORTED,
        AuditAct.ERASED,
    }
)


def seal(
    before: str,
    *,
    number: int,
    at: datetime,
    actor_id: int | None,
    act: str,
    subject: str,
    details: dict[str, Any],
) -> str:
    """The seal of an entry: SHA-256 over the seal before it and all that the entry says. `at` is aware."""
    said = [before, number, at.astimezone(UTC).isoformat(), actor_id, act, subject, details]
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

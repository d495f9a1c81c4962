"""A question's life: statuses, actions, and who may do what in which status.

Buttons on cards, checks in services and the permission test all read `RULES`; nothing else decides. Overdue and
published are not statuses: they are derived from dates (contract, "The ledger's JSON").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.errors import Reason, RuleViolation


class Status(StrEnum):
    """The state of a question in the ledger."""

    RECEIVED = "received"  # with the editors: new, or returned by an agency
    ASSIGNED = "assigned"  # with an agency that has not yet accepted
    ACCEPTED = "accepted"  # the lead agency works on it
    WAITING = "waiting"  # for the asker's word; the agency's clock stands still
    IN_APPROVAL = "in_approval"  # a draft answer is with the leader or the editors
    ANSWERED = "answered"  # sent to every asker; may be rated, and reopened once
    CLOSED = "closed"  # the time to reopen is over
    REFUSED = "refused"
    MERGED = "merged"  # lives on in another question; its asker gets that answer
    WITHDRAWN = "withdrawn"


ENDS = frozenset({Status.REFUSED, Status.MERGED, Status.WITHDRAWN})
WITH_AGENCY = frozenset({Status.ASSIGNED, Status.ACCEPTED, Status.WAITING, Status.IN_APPROVAL})
ANSWERED_STATUSES = frozenset({Status.ANSWERED, Status.CLOSED})
OPEN = frozenset(Status) - ENDS - ANSWERED_STATUSES


class Intake(StrEnum):
    """The way a question came in (`channel` in the ledger's JSON).

    It does not say how its asker hears the answer: see `storage.people.people.can_be_reached`.
    """

    TELEGRAM = "telegram"
    POST = "post"
    PHONE = "phone"
    EMAIL = "email"
    DIALOGUE = "dialogue"

    @property
    def by_hand(self) -> bool:
        """Whether an editor typed the question in."""
        return self in BY_HAND


BY_HAND = (Intake.POST, Intake.PHONE, Intake.EMAIL, Intake.DIALOGUE)


class Secrecy(StrEnum):
    """Whether a question is, or may be, a denunciation.

    The law keeps a denouncer's identity secret.
    """

    NONE = "none"
    SUSPECTED = "suspected"  # flagged by the words or by one of the staff; hidden until an editor has looked
    CONFIRMED = "confirmed"  # refused as a denunciation; hidden for good
    CLEARED = "cleared"  # an editor looked: it is none


HIDDEN = frozenset({Secrecy.SUSPECTED, Secrecy.CONFIRMED})


class Role(StrEnum):
    """A role that a person may be invited to.

    Everybody is a citizen besides.
    """

    OFFICER = "officer"
    LEADER = "leader"
    EDITOR = "editor"
    ADMIN = "admin"


AGENCY_ROLES = frozenset({Role.OFFICER, Role.LEADER})
EDITORS = frozenset({Role.EDITOR, Role.ADMIN})  # what editors do, admins may do, too


class Capacity(StrEnum):
    """What a person is to one question; one person can be several at once."""

    ASKER = "asker"
    OFFICER = "officer"  # of the lead agency
    LEADER = "leader"  # of the lead agency
    COORDINATOR = "coordinator"  # officer or leader of a coordinating agency
    FOLLOWER = "follower"  # asked the same: their question was merged into this one
    EDITOR = "editor"
    ADMIN = "admin"
    STRANGER = "stranger"  # everybody else, staff of other agencies too


class RefusalCode(StrEnum):
    """Reasons to refuse a question (contract, "In the chat").

    Each needs a label under `[refusal_code]` and a branch of `question_refused.j2`, in every language.
    """

    COMPLAINT = "khieu-nai"
    DENUNCIATION = "to-cao"
    OUT_OF_SCOPE = "ngoai-pham-vi"
    UNCLEAR = "khong-ro"
    DUPLICATE = "trung-lap"
    INSULT = "xuc-pham"
    ADVERTISING = "quang-cao"
    EMERGENCY = "khan-cap"


class Action(StrEnum):
    """What can be done to a question in the ledger."""

    SEE_STATUS = "see_status"  # what a bare code tells anybody
    SEE = "see"  # the thread, files and history a person's capacity shows
    # editors
    ASSIGN = "assign"
    SET_FIELD = "set_field"
    REFUSE = "refuse"
    MERGE = "merge"
    REOPEN_ENDED = "reopen_ended"  # what editors refused or merged is theirs to screen once more
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"  # strangers no longer read it
    CORRECT = "correct"  # propose to change an answer that went out
    WITHDRAW_CORRECTION = "withdraw_correction"  # one that waits for approval
    CLEAR = "clear"  # looked at: not a denunciation
    CONFIRM = "confirm"  # looked at: one indeed, found after the answer; it stays hidden where it stands
    RECORD_DELIVERY = "record_delivery"  # the answer was delivered by post, telephone, …
    PASS_ON_FILES = "pass_on_files"  # an answer's files, to who asked the same
    PUT_ON_AIR = "put_on_air"  # choose it for an episode, word it for the air, leave it out
    ERASE_ASKER = "erase_asker"  # who asked by post, telephone, … and wants their data erased
    BLOCK_SENDER = "block_sender"  # what who asked it writes is not taken for a time
    # agencies
    ACCEPT = "accept"
    RETURN = "return"
    ASK_MORE = "ask_more"
    ANSWER = "answer"  # submit a draft for approval (implies acceptance)
    CONTRIBUTE = "contribute"  # a coordinating agency adds to the lead's draft
    FLAG = "flag"  # suspect a denunciation: hidden at once
    ASK_EXTENSION = "ask_extension"
    DECIDE_EXTENSION = "decide_extension"
    PROMISE = "promise"  # record one that the answer makes, with its own date
    FOLLOW_UP = "follow_up"  # a promise was kept, or its date moves
    # approval
    APPROVE_AS_LEADER = "approve_as_leader"
    APPROVE_AS_EDITOR = "approve_as_editor"
    SEND_BACK = "send_back"
    # askers
    SUPPLY = "supply"  # the asked-for addition
    RATE = "rate"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    SAY_MEANT = "say_meant"  # asked by the machine whether it is a question or a denunciation
    CONSENT_TO_PUBLISH = "consent_to_publish"
    # nobody: it follows from time, or from something else
    CLOSE = "close"
    RESUME = "resume"  # no reply to a clarification in time
    REVIVE = "revive"  # the question it was merged into was withdrawn: somebody still waits for an answer


@dataclass(frozen=True)
class Rule:
    """Who may do one action, and to which status it leads from each status."""

    who: frozenset[Capacity]
    moves: Mapping[Status, tuple[Status, ...]]


def _rule(who: Iterable[Capacity], moves: Mapping[Status, Status | tuple[Status, ...]]) -> Rule:
    return Rule(
        frozenset(who),
        MappingProxyType({at: to if isinstance(to, tuple) else (to,) for at, to in moves.items()}),
    )


def _stays(*statuses: Status) -> dict[Status, Status]:
    return {status: status for status in statuses}


_EDITORS = (Capacity.EDITOR, Capacity.ADMIN)
_STAFF = (*_EDITORS, Capacity.OFFICER, Capacity.LEADER, Capacity.COORDINATOR)
_S = Status

RULES: Mapping[Action, Rule] = MappingProxyType(
    {
        Action.SEE_STATUS: _rule(Capacity, _stays(*Status)),
        Action.SEE: _rule((*_STAFF, Capacity.ASKER, Capacity.FOLLOWER), _stays(*Status)),
        Action.ASSIGN: _rule(
            _EDITORS,
            {
                _S.RECEIVED: _S.ASSIGNED,
                # reassigned: another agency, a new limit
                _S.ASSIGNED: _S.ASSIGNED,
                _S.ACCEPTED: _S.ASSIGNED,
                _S.WAITING: _S.ASSIGNED,
                _S.IN_APPROVAL: _S.ASSIGNED,
            },
        ),
        # until it has ended: reports, digests and the news of its answer go by it
        Action.SET_FIELD: _rule(_EDITORS, _stays(*OPEN, *ANSWERED_STATUSES)),
        Action.REFUSE: _rule(
            _EDITORS,
            {
                _S.RECEIVED: _S.REFUSED,
                _S.ASSIGNED: _S.REFUSED,
                _S.ACCEPTED: _S.REFUSED,
                _S.WAITING: _S.REFUSED,
                _S.IN_APPROVAL: _S.REFUSED,
            },
        ),
        Action.MERGE: _rule(
            _EDITORS,
            {
                _S.RECEIVED: _S.MERGED,
                _S.ASSIGNED: _S.MERGED,
                _S.ACCEPTED: _S.MERGED,
                _S.WAITING: _S.MERGED,
                _S.IN_APPROVAL: _S.MERGED,
            },
        ),
        Action.REOPEN_ENDED: _rule(_EDITORS, {_S.REFUSED: _S.RECEIVED, _S.MERGED: _S.RECEIVED}),
        Action.PUBLISH: _rule(_EDITORS, _stays(_S.ANSWERED, _S.CLOSED)),
        Action.UNPUBLISH: _rule(_EDITORS, _stays(_S.ANSWERED, _S.CLOSED)),
        Action.CORRECT: _rule((Capacity.OFFICER, *_EDITORS), _stays(_S.ANSWERED, _S.CLOSED)),
        # by the side that proposed it (services.corrections)
        Action.WITHDRAW_CORRECTION: _rule((Capacity.OFFICER, *_EDITORS), _stays(_S.ANSWERED, _S.CLOSED)),
        # what was merged is cleared with its original, which an editor has to look at, too
        Action.CLEAR: _rule([Capacity.EDITOR], _stays(*(one for one in Status if one is not _S.MERGED))),
        # of what is open: refused as a denunciation
        Action.CONFIRM: _rule(
            [Capacity.EDITOR], _stays(*ANSWERED_STATUSES, *(one for one in ENDS if one is not _S.MERGED))
        ),
        # merged: its asker gets the answer of the original, by post or telephone where they asked so
        Action.RECORD_DELIVERY: _rule(_EDITORS, _stays(_S.ANSWERED, _S.CLOSED, _S.MERGED)),
        Action.PASS_ON_FILES: _rule(_EDITORS, _stays(_S.ANSWERED, _S.CLOSED)),
        Action.PUT_ON_AIR: _rule(_EDITORS, _stays(*OPEN, *ANSWERED_STATUSES)),
        # only for whom no messenger reaches (services.questions.case); an open question is withdrawn
        Action.ERASE_ASKER: _rule(
            _EDITORS, dict.fromkeys(OPEN, _S.WITHDRAWN) | _stays(*ANSWERED_STATUSES, *ENDS)
        ),
        # only whom a messenger reaches, never one of the staff (services.staff.blocking), nor for a denunciation
        Action.BLOCK_SENDER: _rule(_EDITORS, _stays(*Status)),
        Action.ACCEPT: _rule([Capacity.OFFICER], {_S.ASSIGNED: _S.ACCEPTED}),
        Action.RETURN: _rule(
            [Capacity.OFFICER],
            {_S.ASSIGNED: _S.RECEIVED, _S.ACCEPTED: _S.RECEIVED, _S.WAITING: _S.RECEIVED},
        ),
        Action.ASK_MORE: _rule([Capacity.OFFICER], {_S.ASSIGNED: _S.WAITING, _S.ACCEPTED: _S.WAITING}),
        Action.ANSWER: _rule(
            [Capacity.OFFICER],
            dict.fromkeys(
                (_S.ASSIGNED, _S.ACCEPTED, _S.WAITING, _S.IN_APPROVAL), (_S.IN_APPROVAL, _S.ANSWERED)
            ),
        ),
        Action.CONTRIBUTE: _rule(
            [Capacity.COORDINATOR], _stays(_S.ASSIGNED, _S.ACCEPTED, _S.WAITING, _S.IN_APPROVAL)
        ),
        Action.FLAG: _rule(_STAFF, _stays(*Status)),
        # not while waiting: the clock stands still, and what is left counts on from the reply
        Action.ASK_EXTENSION: _rule([Capacity.OFFICER], _stays(_S.ASSIGNED, _S.ACCEPTED)),
        Action.DECIDE_EXTENSION: _rule(
            _EDITORS, _stays(_S.ASSIGNED, _S.ACCEPTED, _S.WAITING, _S.IN_APPROVAL)
        ),
        Action.PROMISE: _rule((Capacity.OFFICER, Capacity.LEADER, *_EDITORS), _stays(_S.ANSWERED, _S.CLOSED)),
        Action.FOLLOW_UP: _rule(
            (Capacity.OFFICER, Capacity.LEADER, *_EDITORS), _stays(*WITH_AGENCY, _S.ANSWERED, _S.CLOSED)
        ),
        # of what is answered: a correction, which changes no status
        Action.APPROVE_AS_LEADER: _rule(
            [Capacity.LEADER],
            {_S.IN_APPROVAL: (_S.IN_APPROVAL, _S.ANSWERED), **_stays(_S.ANSWERED, _S.CLOSED)},
        ),
        Action.APPROVE_AS_EDITOR: _rule(
            _EDITORS, {_S.IN_APPROVAL: (_S.IN_APPROVAL, _S.ANSWERED), **_stays(_S.ANSWERED, _S.CLOSED)}
        ),
        Action.SEND_BACK: _rule(
            (Capacity.LEADER, *_EDITORS), {_S.IN_APPROVAL: _S.ACCEPTED} | _stays(_S.ANSWERED, _S.CLOSED)
        ),
        # editors: only for whom no messenger reaches (services.questions.case: what is entered by hand)
        Action.SUPPLY: _rule((Capacity.ASKER, *_EDITORS), {_S.WAITING: _S.ACCEPTED}),
        Action.RATE: _rule([Capacity.ASKER, Capacity.FOLLOWER], _stays(_S.ANSWERED, _S.CLOSED)),
        Action.REOPEN: _rule([Capacity.ASKER], {_S.ANSWERED: _S.ASSIGNED}),
        Action.WITHDRAW: _rule(
            [Capacity.ASKER],
            dict.fromkeys((_S.RECEIVED, _S.ASSIGNED, _S.ACCEPTED, _S.WAITING, _S.IN_APPROVAL), _S.WITHDRAWN),
        ),
        Action.SAY_MEANT: _rule([Capacity.ASKER], _stays(_S.RECEIVED)),
        Action.CONSENT_TO_PUBLISH: _rule([Capacity.ASKER], _stays(_S.ANSWERED, _S.CLOSED)),
        Action.CLOSE: _rule([], {_S.ANSWERED: _S.CLOSED}),
        Action.RESUME: _rule([], {_S.WAITING: _S.ACCEPTED}),
        Action.REVIVE: _rule([], {_S.MERGED: _S.RECEIVED}),
    }
)

# While a question is hidden (a suspected or confirmed denunciation) only these remain, for these people:
# its text is never routed, published or shown to anybody but editors; its asker keeps seeing the status.
HIDDEN_RULES: Mapping[Action, frozenset[Capacity]] = MappingProxyType(
    {
        Action.SEE_STATUS: frozenset(Capacity),
        Action.SEE: frozenset({Capacity.EDITOR, Capacity.ASKER}),
        Action.CLEAR: frozenset({Capacity.EDITOR}),
        Action.CONFIRM: frozenset({Capacity.EDITOR}),
        Action.REFUSE: frozenset({Capacity.EDITOR}),
        Action.ERASE_ASKER: frozenset({Capacity.EDITOR}),
        Action.WITHDRAW: frozenset({Capacity.ASKER}),
        Action.SAY_MEANT: frozenset({Capacity.ASKER}),
    }
)


def permitted(action: Action, status: Status, capacities: Iterable[Capacity], secrecy: Secrecy) -> bool:
    """Return whether somebody with these capacities may do `action` in `status`."""
    who = RULES[action].who
    if secrecy in HIDDEN:
        who = who & HIDDEN_RULES.get(action, frozenset())
    return status in RULES[action].moves and not who.isdisjoint(capacities)


def require(action: Action, status: Status, capacities: frozenset[Capacity], secrecy: Secrecy) -> None:
    """Raise `RuleViolation` with the reason to tell, unless the action is permitted."""
    if permitted(action, status, capacities, secrecy):
        return
    rule = RULES[action]
    if rule.who.isdisjoint(capacities):
        nothing_to_it = capacities <= {Capacity.STRANGER}
        raise RuleViolation(Reason.UNKNOWN_CODE if nothing_to_it else Reason.NOT_ALLOWED, action=action)
    if secrecy in HIDDEN and HIDDEN_RULES.get(action, frozenset()).isdisjoint(capacities):
        # An editor has to look at it first, and clear or refuse it.
        raise RuleViolation(Reason.HIDDEN, action=action, look_first=Capacity.EDITOR in capacities)
    if status is Status.MERGED:
        raise RuleViolation(Reason.MERGED, action=action)
    if any(status in to for at, to in rule.moves.items() if at is not status):
        raise RuleViolation(Reason.ALREADY_DONE, action=action, status=status)  # somebody was quicker
    raise RuleViolation(Reason.WRONG_STATUS, action=action, status=status)


def destination(action: Action, status: Status, wanted: Status | None = None) -> Status:
    """Return the status an action leads to.

    `wanted` chooses where the table leaves a choice.
    """
    options = RULES[action].moves[status]
    if wanted is None:
        return options[0]
    if wanted not in options:
        raise AssertionError(f"{action} never leads from {status} to {wanted}")
    return wanted


class ApprovalStep(StrEnum):
    """A step of approving a draft, in the order that `approval.steps` gives."""

    LEADER = "leader"
    EDITOR = "editor"


def next_step(
    steps: tuple[ApprovalStep, ...], approved: Iterable[ApprovalStep], *, leader_reachable: bool
) -> ApprovalStep | None:
    """Return the approval that a draft waits for now, or None when it is complete.

    Where no leader of an agency can be reached, editors decide (contract); where an editor approves anyway, one
    approval counts for both.
    """
    given = set(approved)
    for step in steps:
        if step in given:
            continue
        if step is ApprovalStep.LEADER and not leader_reachable:
            if ApprovalStep.EDITOR in given:
                continue
            return ApprovalStep.EDITOR
        return step
    return None

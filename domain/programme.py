"""The rules of one province's programme, as its configuration sets them."""

from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.episodes.links import HOSTS, LinkHosts
from domain.questions.life import ApprovalStep


class IntakeNotify(StrEnum):
    """How editors hear of new questions that are neither urgent nor hidden."""

    COUNTED = "counted"  # by one message that counts them
    EACH = "each"  # by a card for each


@dataclass(frozen=True)
class Programme:
    """The configured rules that services need.

    Days are working days unless named otherwise; `reopen_days` are calendar days (programme, "After").
    """

    name: str = "Dân hỏi - Chính quyền trả lời"
    province: str = ""
    code_prefix: str = "DH"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Ho_Chi_Minh"))
    language: str = "vi"
    working_hours: tuple[str, ...] = ("07:00-11:00", "13:00-17:00")
    weekend: frozenset[str] = frozenset({"sat", "sun"})
    assign_days: int = 3
    answer_days: int = 10
    clarification_days: int = 5
    script_plan_days: int = 5
    reopen_days: int = 15
    max_extension_days: int = 10
    correction_days: int = 3  # to decide on a proposed correction
    remind_before_days: tuple[int, ...] = (3, 1)
    remind_between: tuple[time, time] = (time(7, 30), time(17))  # programme time
    leader_after_days: int = 2
    editors_after_days: int = 4
    asker_after_days: tuple[int, ...] = (1, 5)  # days late on which the asker hears of it
    daily_digest: time | None = time(7, 30)
    weekly_digest: tuple[int, time] | None = (0, time(7, 30))  # weekday (Monday 0) and time
    evening_at: time = time(19)  # the message of the evening before an airing, programme time
    minutes_before_airing: int = 30
    quiet_hours: tuple[time, time] = (time(21), time(6))  # from, to
    subscribers_digest: time = time(18)
    provincial_office: str = "VPUBND"  # code of the agency that gets every script plan
    calendar_address: str = ""  # of the coming airings, for calendars; "" where none is public
    script_plan_template: Path | None = None  # an office's own; None: the house's
    link_hosts: LinkHosts = field(
        default_factory=lambda: HOSTS, hash=False
    )  # where links of episodes may stand
    assign_automatically: bool = False
    intake_notify: IntakeNotify = IntakeNotify.COUNTED
    approval_steps: tuple[ApprovalStep, ...] = (ApprovalStep.LEADER, ApprovalStep.EDITOR)
    correct_alone: bool = False  # an editor corrects an answer that went out without anybody's approval
    reply_submits: bool = True  # a reply to a question's card is submitted at once; else shown first
    undo_seconds: int = (
        0  # how long one's own doing can be undone, and others' notices of it wait; 0: not at all
    )
    hold_minutes: float = 2  # what people send to many begins so long after it was confirmed; 0: at once
    second_editor_above: int = 200  # recipients, above which somebody else agrees first
    invitation_days: int = 7
    block_days: int = 30  # calendar days that a sender is blocked where an editor says no other end
    question_characters: int = 20_000
    draft_files: int = 10
    file_megabytes: int = 20
    # of one person, wherever they write; 0: as many as they like
    messages_per_minute: int = 0
    staff_messages_per_minute: int = 0
    questions_per_day: int = 0
    files_per_day: int = 0
    staff_files_per_day: int = 0
    inbox_days: int = 30
    outbox_days: int = 90
    draft_days: int = 30
    second_editor: bool = True  # a new editor reads denunciations once another editor says so
    protect_cards: bool = True  # cards that tell who asked cannot be forwarded or copied
    identity_years: int = 0  # who asked is forgotten so long after the answer; 0: never by itself
    audit_keys: tuple[str, ...] = field(default=(), repr=False)  # the first seals the audit log, all check it

    def local(self, instant: datetime) -> datetime:
        """Convert an instant to programme time."""
        return instant.astimezone(self.timezone)


def offset_iso(instant: datetime, timezone: tzinfo) -> str:
    """Write an instant in ISO 8601 with the programme's offset, to the second.

    Source: contract, "The ledger's JSON".
    """
    return instant.astimezone(timezone).isoformat(timespec="seconds")

"""What people can do to a question, by the real services, and what the programme promises about each act.

Who may do what, and where it leads, is the permission test's table, written by hand; nothing is read from `RULES`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from domain.episodes.episodes import EpisodeNumber
from domain.privacy.consent import Consent
from domain.questions.history import Event
from domain.questions.life import ApprovalStep, RefusalCode, Role
from services.corrections import corrections
from services.deadlines import extensions, promises
from services.episodes import episodes, selection
from services.people.actors import Actor, actor_of
from services.questions import agency_work, answers, approval, asker_decisions, publication, screening
from services.staff import staff as staff_service
from storage.delivery import files
from storage.engine.database import Work
from storage.people import consents, people, roles
from storage.questions import questions
from tests.worlds.world import ANSWER, World, person, staff

CITIZENS = ("asker", "follower", "neighbour")
STAFF = ("editor", "admin", "officer", "leader", "coordinator", "coordinating leader", "outsider")
# Who leaves is replaced, and stands in the story as "former" from then on.
LEAVING = {
    "officer": (Role.OFFICER, "SNNMT"),
    "leader": (Role.LEADER, "SNNMT"),
    "coordinator": (Role.OFFICER, "SXD"),
    "coordinating leader": (Role.LEADER, "SXD"),
    "outsider": (Role.OFFICER, "SYT"),
}
PEOPLE = (*CITIZENS, *STAFF, "former")
DENOUNCING = "Tôi tố cáo ông trưởng ấp nhận hối lộ"


@dataclass(frozen=True)
class Citizen:
    """Who somebody is, in words that stand nowhere else: what is left of them after erasing is found by these."""

    number: int

    @property
    def address(self) -> str:
        return f"chat c{self.number}c"

    @property
    def full_name(self) -> str:
        return f"Le Thi N{self.number}n"

    @property
    def home(self) -> str:
        return f"{self.number} duong H{self.number}h"

    @property
    def contact(self) -> str:
        return f"09{self.number:08d}"

    @property
    def traces(self) -> tuple[str, ...]:
        return (self.address, self.full_name, self.home, self.contact)

    async def arrives(self, work: Work) -> Actor:
        row = await people.seen(
            work, channel="telegram", address=self.address, display_name=self.full_name, language="vi"
        )
        await people.update(
            work, row.id, full_name=self.full_name, home_address=self.home, contact=self.contact
        )
        await consents.give(work, row.id, Consent.PROCESSING, "2026-11")
        return await actor_of(work, await people.by_id(work, row.id))


@dataclass
class Cast:
    """Everybody in a story. A citizen who was erased comes back as somebody new."""

    world: World
    episode: int
    who: dict[str, Actor] = field(default_factory=dict)
    citizens: dict[str, Citizen] = field(default_factory=dict)

    @classmethod
    async def gathered(cls, work: Work) -> "Cast":
        world = await World.build(work)
        episode = await episodes.create(work, world.editor, EpisodeNumber(2026, 1), "Đường sá")
        cast = cls(world, episode.id)
        for name in STAFF:
            if name != "coordinating leader":
                cast.who[name] = getattr(world, name)
        cast.who["coordinating leader"] = await staff(
            work, "coordinating leader", *LEAVING["coordinating leader"]
        )
        cast.who["former"] = await person(work, "former")
        for name in CITIZENS:
            await cast.comes(work, name)
        return cast

    async def comes(self, work: Work, name: str) -> None:
        """Somebody who has never been here."""
        before = max((one.number for one in self.citizens.values()), default=0)
        self.citizens[name] = Citizen(before + 1)
        self.who[name] = await self.citizens[name].arrives(work)

    async def leaves(self, work: Work, admin: Actor, name: str, *, at_once: bool) -> None:
        """A colleague comes, before or after the admin ends the role of who goes. Raises `RuleViolation`."""
        old = self.who[name]
        new = None if at_once else await self._hired(work, name)
        for role in old.roles:
            await staff_service.revoke(work, admin, role.id)
        left = sum(one.startswith("former ") for one in self.who)
        new = new or await self._hired(work, name)
        self.who[f"former {left + 1}"] = self.who["former"] = await actor_of(work, old.person)
        self.who[name] = new

    async def _hired(self, work: Work, name: str) -> Actor:
        return await staff(work, f"{name} {len(self.who)}", *LEAVING[name])


async def _greeting(work: Work, question_id: int) -> str:
    """Offices name whom they answer: what is published, and what others who asked the same are told, must not."""
    question = await questions.by_id(work, question_id)
    assert question is not None
    name = (await people.by_id(work, question.asker_id)).full_name
    return "" if name is None else f"Kính gửi {name}. "


async def _submit(work: Work, _: Cast, who: Actor, one: int, other: int) -> None:
    letter = (
        [await files.add(work, person_id=who.id, kind="document", remote_id="letter")] if other % 2 else []
    )
    await agency_work.submit(work, who, one, await _greeting(work, one) + ANSWER, letter)


async def _correct(work: Work, _: Cast, who: Actor, one: int, other: int) -> None:
    """All of it at once: what waits in between is tests/handlers/questions/test_corrections.py."""
    text = f"{await _greeting(work, one)}Ngày {1 + other % 9}/12."
    question = (await corrections.propose(work, who, one, text, "Nhầm ngày.")).question
    while (step := await approval.step_waited_for(work, question)) is not None:
        of = question.lead_agency_id if step is ApprovalStep.LEADER else None
        holders = await roles.holders(work, Role(step), of)
        another = next((person for person in holders if person.id != who.id), holders[0])
        await answers.approve(work, await actor_of(work, another), one)


async def _promise(work: Work, _: Cast, who: Actor, one: int, other: int) -> None:
    day = work.now.date() + timedelta(days=2 + other)
    await promises.record(work, who, one, day, f"{await _greeting(work, one)}Sửa xong hẻm, đợt {other}.")


async def _move_promise(work: Work, _: Cast, who: Actor, one: int, other: int) -> None:
    day = work.now.date() + timedelta(days=40 + other)
    await promises.move(work, who, one, day, await _greeting(work, one) + "Mưa nhiều.")


async def _keep_promise(work: Work, _: Cast, who: Actor, one: int, __: int) -> None:
    await promises.report_kept(work, who, one, await _greeting(work, one) + "Đã sửa.")


async def _ask_extension(work: Work, _: Cast, who: Actor, one: int, other: int) -> None:
    await extensions.ask(work, who, one, 1 + other % 12, await _greeting(work, one) + "Chờ khảo sát.")


Do = Callable[[Work, Cast, Actor, int, int], Awaitable[object]]


@dataclass(frozen=True)
class Act:
    """`promised`: its line in the permission test's table. `events`: what it may leave in the history."""

    promised: str
    do: Do  # the last number is the other question, or a choice
    events: tuple[tuple[Event, ...], ...]
    before: tuple[tuple[str, str], ...] = ()  # (act, who): without these it can't be done


ACTS: dict[str, Act] = {
    "assign": Act(
        "assign",
        lambda work, cast, who, one, other: screening.assign(
            work, who, one, cast.world.lead, (cast.world.coordinating,) if other % 2 else ()
        ),
        ((Event.ASSIGNED,), (Event.REASSIGNED,)),
    ),
    "assign elsewhere": Act(
        "assign",
        lambda work, cast, who, one, _: screening.assign(work, who, one, cast.world.other),
        ((Event.ASSIGNED,), (Event.REASSIGNED,)),
    ),
    "accept": Act(
        "accept", lambda work, _, who, one, __: agency_work.accept(work, who, one), ((Event.ACCEPTED,),)
    ),
    "return": Act(
        "return",
        lambda work, _, who, one, __: screening.return_(work, who, one, "Không thuộc thẩm quyền."),
        ((Event.RETURNED,),),
    ),
    "ask more": Act(
        "ask_more",
        lambda work, _, who, one, __: agency_work.ask_more(work, who, one, "Số hồ sơ nào?"),
        ((Event.ASKED_MORE,),),
    ),
    "supply": Act(
        "supply",
        lambda work, _, who, one, __: agency_work.supply(work, who, one, "Số 12."),
        ((Event.SUPPLIED,),),
    ),
    "supply a denunciation": Act(
        "supply",
        lambda work, _, who, one, __: agency_work.supply(work, who, one, DENOUNCING),
        ((Event.SUPPLIED, Event.FLAGGED),),
    ),
    "contribute": Act(
        "contribute",
        lambda work, _, who, one, __: agency_work.contribute(work, who, one, "Đã rà soát."),
        ((Event.CONTRIBUTED,),),
    ),
    "submit": Act(
        "answer", _submit, ((Event.SUBMITTED,), (Event.CONTRIBUTED,), (Event.SUBMITTED, Event.ANSWERED))
    ),
    "approve": Act(
        "approve",
        lambda work, _, who, one, __: answers.approve(work, who, one),
        ((Event.APPROVED,), (Event.APPROVED, Event.ANSWERED)),
    ),
    "send back": Act(
        "send_back",
        lambda work, _, who, one, __: answers.send_back(work, who, one, "Thiếu ngày."),
        ((Event.SENT_BACK,),),
    ),
    "correct": Act(
        "correct",
        _correct,
        tuple(
            (Event.CORRECTION_PROPOSED, *(Event.CORRECTION_APPROVED,) * approvals, Event.CORRECTED)
            for approvals in range(3)
        ),
    ),
    "deliver": Act(
        "record_delivery",
        lambda work, _, who, one, __: answers.record_delivery(work, who, one, "Đã gửi thư."),
        ((Event.DELIVERED,),),
    ),
    "pass on files": Act(
        "pass_on_files",
        lambda work, _, who, one, __: answers.pass_on_files(work, who, one),
        ((Event.FILES_PASSED_ON,),),
    ),
    "ask extension": Act(
        "ask_extension",
        _ask_extension,
        ((Event.EXTENSION_ASKED,),),
    ),
    "extend": Act(
        "decide_extension",
        lambda work, _, who, one, __: extensions.grant(work, who, one),
        ((Event.EXTENDED,),),
        before=(("ask extension", "officer"),),
    ),
    "refuse extension": Act(
        "decide_extension",
        lambda work, _, who, one, __: extensions.refuse(work, who, one, "Đã đủ ngày."),
        ((Event.EXTENSION_REFUSED,),),
        before=(("ask extension", "officer"),),
    ),
    "refuse": Act(
        "refuse",
        lambda work, _, who, one, other: screening.refuse(
            work, who, one, list(RefusalCode)[other % len(RefusalCode)], "Ngoài phạm vi."
        ),
        ((Event.REFUSED,),),
    ),
    "merge": Act(
        "merge", lambda work, _, who, one, other: screening.merge(work, who, one, other), ((Event.MERGED,),)
    ),
    "flag": Act("flag", lambda work, _, who, one, __: screening.flag(work, who, one), ((Event.FLAGGED,),)),
    "clear": Act(
        "clear",
        lambda work, _, who, one, __: screening.clear(work, who, one),
        ((Event.CLEARED,),),
        before=(("flag", "editor"),),
    ),
    "publish": Act(
        "publish",
        lambda work, _, who, one, other: publication.publish(work, who, one, anonymised=bool(other % 2)),
        ((Event.PUBLISHED,),),
    ),
    "agree to publish": Act(
        "agree_to_publish",
        lambda work, _, who, one, other: asker_decisions.choose_publication(
            work, who, one, agreed=bool(other % 3)
        ),
        ((Event.CONSENTED,),),
    ),
    "rate": Act(
        "rate",
        lambda work, _, who, one, other: asker_decisions.rate(work, who, one, 1 + other % 5, "Cảm ơn."),
        ((Event.RATED,),),
    ),
    "reopen": Act(
        "reopen",
        lambda work, _, who, one, __: asker_decisions.reopen(work, who, one, "Chưa rõ."),
        ((Event.REOPENED,),),
    ),
    "reopen with a denunciation": Act(
        "reopen",
        lambda work, _, who, one, __: asker_decisions.reopen(work, who, one, DENOUNCING),
        ((Event.REOPENED, Event.FLAGGED),),
        before=(("publish", "editor"),),
    ),
    "withdraw": Act(
        "withdraw",
        lambda work, _, who, one, __: asker_decisions.withdraw(work, who, one),
        ((Event.WITHDRAWN,),),
    ),
    "promise": Act("promise", _promise, ((Event.PROMISED,),)),
    "move promise": Act(
        "follow_up", _move_promise, ((Event.PROMISE_MOVED,),), before=(("promise", "officer"),)
    ),
    "keep promise": Act(
        "follow_up",
        _keep_promise,
        ((Event.PROMISE_KEPT,),),
        before=(("promise", "officer"),),
    ),
    "put on air": Act(
        "put_on_air",
        lambda work, cast, who, one, _: selection.choose(work, who, cast.episode, one),
        ((Event.CHOSEN_FOR_EPISODE,),),
    ),
    "leave out": Act(
        "put_on_air",
        lambda work, cast, who, one, _: selection.leave_out(work, who, cast.episode, one, "Hết thời lượng."),
        ((Event.LEFT_OUT,),),
        before=(("put on air", "editor"),),
    ),
}

# How a question comes to each of the table's states, as (act, who, choice).
_ASSIGNED = (("assign", "editor", 1),)
_SUBMITTED = (*_ASSIGNED, ("submit", "officer", 1))
_APPROVED = (*_SUBMITTED, ("approve", "leader", 0))
WAYS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "rece": (),
    "assi": _ASSIGNED,
    "acce": (*_ASSIGNED, ("accept", "officer", 0)),
    "wait": (*_ASSIGNED, ("ask more", "officer", 0)),
    "lead": _SUBMITTED,
    "edit": _APPROVED,
    "answ": (*_APPROVED, ("approve", "editor", 0)),
    "clos": (*_APPROVED, ("approve", "editor", 0)),  # and then time passes
    "refu": (("refuse", "editor", list(RefusalCode).index(RefusalCode.UNCLEAR)),),
    "merg": (),  # into another one
    "with": (("withdraw", "asker", 0),),
}

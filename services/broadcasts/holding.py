"""What keeps a broadcast of one person from starting at once.

The others are told at once, it is held for some minutes, and somebody else may have to agree.
`services.broadcasts.broadcasts` does what people want of a broadcast.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from markupsafe import Markup, escape

from channels.outgoing import Kind
from domain.broadcasts.broadcasts import ENDED, BroadcastAct, BroadcastKind, BroadcastStatus, WaitsFor
from domain.broadcasts.fraud import foreign_addresses, words_of_fraud
from domain.privacy.audit import AuditAct
from domain.questions.history import EntryKind
from domain.questions.life import HIDDEN, Role
from domain.subscribers.topics import FIELD
from messages.buttons import Act, Button, Keyboard
from messages.notices.broadcasts import BroadcastTold
from messages.words import plain
from services import notify
from services.people.actors import Actor
from services.people.ended_roles import Phase, ends_with_role
from storage.agencies import agencies
from storage.broadcasts import broadcasts, drafts
from storage.engine import facts
from storage.engine.database import Work
from storage.operation import audit
from storage.people import people, roles
from storage.people.roles import ReachableHolderRow
from storage.questions import entries, questions
from storage.rows import BroadcastRow, PersonRow

BROADCASTERS = (Role.EDITOR, Role.ADMIN)
# One person's broadcasts within it count together: ten small ones are a large one.
TOGETHER = timedelta(days=1)
LONG_NUMBER = 9  # digits: a telephone's or an account's
_LINK = re.compile(r'href="([^"]*)"')


# --- what it says -------------------------------------------------------------------------------------------------


def audience_key(audience: str) -> str:
    """Return an audience's key under [audience] in labels."""
    return "field" if audience.startswith(FIELD) else audience


async def field_of(work: Work, person: PersonRow, audience: str) -> str | None:
    """Return the name of the field whose followers are meant, or None.

    In the person's language.
    """
    if not audience.startswith(FIELD):
        return None
    code = audience.removeprefix(FIELD)
    found = await agencies.field(work, code)
    if found is None:
        return code
    return str(notify.words_for(work, person).either(found.name, found.name_en))


def text_of(row: BroadcastRow) -> str:
    """Return the words that a person composed; "" for the programme's own broadcasts."""
    return plain(row.content["html"]) if row.kind == BroadcastKind.MESSAGE else ""


async def html_of(work: Work, row: BroadcastRow) -> Markup:
    """Return a broadcast's words for whoever agrees to it: all of them.

    What a person composed as its recipients see it; of a published answer what the public reads. Of what else the
    programme announces by itself nothing: the message that tells of it (`tell_others`) has the words.
    """
    if row.kind == BroadcastKind.MESSAGE:
        return Markup(row.content["html"])  # made by handlers.chat.formatting
    question = (
        await questions.by_id(work, row.content["question_id"]) if row.kind == BroadcastKind.ANSWER else None
    )
    if question is None or question.published_at is None or question.secrecy in HIDDEN:
        return Markup()
    public = [
        written[-1].text or ""
        for kind in (EntryKind.PUBLIC_QUESTION, EntryKind.PUBLIC_ANSWER)
        if (written := await entries.of_question(work, question.id, kind))
    ]
    return escape("\n\n".join(public))


def shown_by(row: BroadcastRow) -> list[int]:
    """The question whose words a broadcast's card shows; none for most."""
    return [row.content["question_id"]] if row.kind == BroadcastKind.ANSWER else []


async def noticed(work: Work, content: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find foreign addresses and words of swindlers in what a person composed.

    Hosts and accounts.
    """
    html, button = content["html"], content["button"]
    links = [unescape(link) for link in _LINK.findall(html)] + ([button[1]] if button else [])
    return await _noticed_in(work, f"{plain(html)}\n{button[0] if button else ''}", links)


async def _noticed_in(
    work: Work, text: str, links: Sequence[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    own = await facts.get(work, facts.BOT_NAME)
    addresses = foreign_addresses(text, links, work.programme.link_hosts, own=own)
    return tuple(addresses), tuple(words_of_fraud(text))


async def is_fit(work: Work, text: str) -> bool:
    """Return whether the programme may announce a person's words by itself.

    No foreign address, and no number together with words of swindlers.
    """
    if ("fit", text) not in work.memo:
        addresses, words = await _noticed_in(work, text)
        number = sum(sign.isdecimal() for sign in text) >= LONG_NUMBER
        work.memo["fit", text] = not addresses and not (words and number)
    return bool(work.memo["fit", text])


# --- when it may start --------------------------------------------------------------------------------------------


def held_until(work: Work, start_at: datetime | None) -> datetime:
    """Return the earliest time at which a broadcast may begin.

    `start_at` None: wanted at once.
    """
    earliest = work.now + timedelta(minutes=work.programme.hold_minutes)
    return earliest if start_at is None else max(start_at, earliest)


async def others(work: Work, person_id: int | None) -> list[ReachableHolderRow]:
    """List the other people who may stop or approve a broadcast, and can be reached."""
    return [one for one in await roles.who_can_be_told(work, BROADCASTERS) if one.id != person_id]


async def reason_to_wait(
    work: Work,
    person_id: int,
    content: Mapping[str, Any],
    recipients: int,
    earlier_than: BroadcastRow | None = None,
) -> WaitsFor | None:
    """Return why somebody else has to agree to what this person sends, or None.

    None also where nobody else is there. `earlier_than`: the broadcast itself, where it is queued already.
    """
    if not await others(work, person_id):
        return None
    if any(await noticed(work, content)):
        return WaitsFor.WORDS
    until, before_id = (
        (work.now, None) if earlier_than is None else (earlier_than.created_at, earlier_than.id)
    )
    alone = await broadcasts.counted_alone(work, person_id, until - TOGETHER, before_id)
    return WaitsFor.SECOND if recipients + alone > work.programme.second_editor_above else None


async def may_start(work: Work, row: BroadcastRow) -> bool:
    """Return whether a broadcast waits for nobody's approval.

    It does not wait where nobody else is left to give it.
    """
    if row.waits_for is None:
        return True
    return row.waits_for not in (WaitsFor.AUTHOR, WaitsFor.RESTORED) and not await others(
        work, row.created_by
    )


async def asks_now(work: Work, row: BroadcastRow) -> bool:
    """Return whether somebody else has to agree after all, when it starts.

    Because its audience has grown, others have joined, or its author may no longer send.
    """
    if row.kind != BroadcastKind.MESSAGE or row.created_by is None:
        return False
    if row.approved_by is not None or row.waits_for is not None:
        return False
    recipients = await broadcasts.count_recipients(work, row)
    reason = await reason_to_wait(work, row.created_by, row.content, recipients, earlier_than=row)
    if not any(one.role in BROADCASTERS for one in await roles.of_person(work, row.created_by)):
        reason = WaitsFor.AUTHOR
    if reason is None or not await broadcasts.wait_for(work, row.id, reason):
        return False
    what = "author_left" if reason is WaitsFor.AUTHOR else "grown"
    await tell_others(work, row.id, what, by=row.created_by)
    return True


async def adds_odd_words(work: Work, text: str, known: str = "") -> bool:
    """Return whether a text has suspicious words that others have not seen (`known`)."""
    before = [one for found in await _noticed_in(work, known) for one in found]
    return any(one not in before for found in await _noticed_in(work, text) for one in found)


async def ask_about_odd_words(work: Work, broadcast_id: int, by: int, text: str, known: str = "") -> bool:
    """Make an announcement wait where one person put suspicious words into it.

    Then somebody else has to agree first; an announcement that has begun with other words ends. Returns whether there
    were such words.
    """
    if not await adds_odd_words(work, text, known):
        return False
    if await others(work, by) and not await broadcasts.wait_for(work, broadcast_id, WaitsFor.WORDS, by=by):
        going = [one for one in BroadcastStatus if one not in ENDED]
        await broadcasts.move(work, broadcast_id, going, BroadcastStatus.CANCELLED, ended_at=work.now)
    return True


@ends_with_role(Phase.BEGUN)
async def author_left(work: Work, left: Actor, by: int | None) -> None:
    """Pause, or make wait, the broadcasts of somebody who may no longer send.

    Also those they agreed to. The others are told; what they were composing is dropped.
    """
    person_id = left.id
    if left.holds(*BROADCASTERS):
        return
    await drafts.drop(work, person_id)
    for row in await broadcasts.open_of(work, person_id):
        if not await broadcasts.wait_for(work, row.id, WaitsFor.AUTHOR):  # it has begun, perhaps just now
            began = [BroadcastStatus.RUNNING]
            if await broadcasts.move(work, row.id, began, BroadcastStatus.PAUSED) and by is not None:
                await broadcasts.record(work, row.id, BroadcastAct.PAUSE, by)
        await audit_act(work, AuditAct.BROADCAST_PAUSED, row.id, by)
        await tell_others(work, row.id, "author_left", by=person_id)


async def restored(work: Work, broadcast_id: int) -> None:
    """Pause, or make wait, a person's broadcast that a backup brings back."""
    row = await broadcasts.by_id(work, broadcast_id)
    if row is None or row.kind != BroadcastKind.MESSAGE or row.status == BroadcastStatus.PAUSED:
        return
    if not await broadcasts.wait_for(work, row.id, WaitsFor.RESTORED):
        await broadcasts.move(work, row.id, [BroadcastStatus(row.status)], BroadcastStatus.PAUSED)
    await audit_act(work, AuditAct.BROADCAST_PAUSED, row.id, None)
    if row.created_by is not None:
        await tell_others(work, row.id, "restored", by=row.created_by)


# --- who hears of it ----------------------------------------------------------------------------------------------


async def audit_act(
    work: Work, act: AuditAct, broadcast_id: int, by: int | None, **details: str | int | None
) -> None:
    """Record in the audit log what somebody did with a broadcast, without its words."""
    await audit.add(work, act, f"broadcast:{broadcast_id}", actor_id=by, details=details)


async def tell_others(work: Work, broadcast_id: int, what: str, *, by: int, text: str | None = None) -> None:
    """Tell the other editors and admins what goes out, with `Dừng gửi`.

    To how many and when. `what` is a key under [broadcast_told] in labels; `text` is a person's where the programme
    says the rest.
    """
    row = await broadcasts.by_id(work, broadcast_id)
    assert row is not None, "somebody has just done something with it"
    queued = row.status == BroadcastStatus.QUEUED
    recipients = await broadcasts.count_recipients(work, row) if queued else row.counted
    maker = await people.by_id(work, by)
    composed: Mapping[str, Any] = {"html": "", "photo": None, "button": None}
    if row.kind == BroadcastKind.MESSAGE:
        composed = row.content
    photo, button = composed["photo"], composed["button"]
    addresses, words = await (noticed(work, composed) if text is None else _noticed_in(work, text))
    for person in await others(work, by):
        if photo is not None:
            picture = {"kind": "photo", **photo, "caption": "", "buttons": []}
            await notify.show_as_sent(work, person, {"kind": Kind.FILE, "content": picture})
        notice = BroadcastTold(
            id=row.id,
            what=what,
            by=str(maker.full_name or maker.display_name or ""),
            kind=row.kind,
            html=await html_of(work, row) if text is None else escape(text),
            picture=photo is not None,
            button=button and button[0],
            address=button and button[1],
            audience=audience_key(row.audience),
            field=await field_of(work, person, row.audience),
            recipients=recipients,
            start_at=row.start_at if queued else None,
            waits_for=row.waits_for,
            addresses=addresses,
            words=words,
        )
        # The words of an answer go when its asker is erased, or it is hidden, here too.
        question_id = row.content.get("question_id") if row.kind == BroadcastKind.ANSWER else None
        about = None if question_id is None else "card"
        await notify.tell(work, person, notice, _buttons(row, person), question_id=question_id, about=about)


def _buttons(row: BroadcastRow, person: PersonRow) -> Keyboard:
    stop = Button("button.broadcast_stop", Act.BROADCAST_CANCEL, (row.id,))
    if row.status == BroadcastStatus.PAUSED:
        return [[Button("button.broadcast_resume", Act.BROADCAST_RESUME, (row.id,)), stop]]
    if row.waits_for is not None and person.id != row.created_by:
        return [[Button("button.broadcast_approve", Act.BROADCAST_APPROVE, (row.id,))], [stop]]
    return [[stop]]

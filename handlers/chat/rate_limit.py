"""The limit of what one person may send in a minute.

The first message over it is answered; further ones are dropped and counted in the log.

Counted by the person, wherever they write: a second chat or a group gives nobody more. The minute is that in which
the messenger got a message, so that a backlog after an outage does not count as a flood. Kept in memory, for the
newest minutes alone: after a restart somebody may send a little more within the same minute, and each process counts
for itself. What has to hold for longer (questions and files of a day) is counted in the database.
"""

import structlog

from channels.incoming import What
from domain.errors import Reason, RuleViolation
from handlers.chat.crowd import Minute
from handlers.chat.emergency import warn_of
from handlers.chat.turn import Turn, meet, meet_known
from messages.notices.chat import Refusal
from messages.words import plain
from storage.people import people, roles
from understanding.screening import screen

log = structlog.get_logger(__name__)

# Of what is dropped: how many messages of a minute are still looked at for an emergency, and how much of each.
LOOKED_AT = 20
SIGNS = 500  # at the beginning, and at the end


async def is_too_much(turn: Turn) -> bool:
    """Return whether an update exceeds what its sender may send in a minute.

    The first one over it is answered. Emergency numbers are sent all the same.
    """
    incoming = turn.incoming
    if incoming.address is None or (incoming.what is What.EDITED and not _words(turn)):
        return False  # a shared place moves by itself
    minute = turn.crowd.minute_of((incoming.channel, incoming.address), incoming.at or turn.work.now)
    if incoming.event in minute.taken:
        return False
    if await _is_room(turn, incoming.address, len(minute.taken)):
        minute.taken.add(incoming.event)
        return False
    minute.dropped += 1
    if minute.dropped & (minute.dropped - 1) == 0:  # 1, 2, 4, 8 …: a flood must not flood the log
        log.warning("too_many_messages", dropped=minute.dropped, update_id=turn.place)
    await _answer_once(turn, minute)
    return True


async def _is_room(turn: Turn, address: str, taken: int) -> bool:
    programme = turn.work.programme
    if not programme.messages_per_minute or taken < programme.messages_per_minute:
        return True
    if programme.staff_messages_per_minute and taken >= programme.staff_messages_per_minute:
        return False
    person = await people.at(turn.work, turn.incoming.channel, address)
    return person is not None and bool(await roles.of_person(turn.work, person.id))


async def _answer_once(turn: Turn, minute: Minute) -> None:
    """Answer in the person's language, privately or on the button; in a group in the programme's."""
    said = "" if minute.warned or minute.dropped > LOOKED_AT else _ends(_words(turn))
    emergency = bool(screen(said).numbers)
    if minute.told and not emergency:
        return
    chat = turn.incoming.chat
    if chat is not None and not chat.private:
        told, minute.told = minute.told, True
        if not told:
            raise RuleViolation(Reason.TOO_MANY_MESSAGES)
        return
    actor = await (meet if turn.incoming.what is What.SAID else meet_known)(turn)
    if actor is None:
        return  # only a message makes somebody known
    turn.actor = actor
    if emergency:
        minute.warned = await warn_of(turn, said)
    if minute.told:
        return
    minute.told = True
    sentence = turn.words.refusal(RuleViolation(Reason.TOO_MANY_MESSAGES))
    if not turn.is_press:
        await turn.reply(Refusal(html=sentence))
    else:
        turn.show(plain(sentence), alert=True)


def _ends(text: str) -> str:
    """Return the beginning and the end of a text, to be screened without being taken."""
    return text if len(text) <= 2 * SIGNS else f"{text[:SIGNS]}\n{text[-SIGNS:]}"


def _words(turn: Turn) -> str:
    message = turn.incoming.message
    return "" if message is None else message.words

"""How much one person may send in a minute: what is over it is answered once, then dropped and counted in the log.

Counted by the person, wherever they write: a second chat or a group gives nobody more. The minute is that in which the
messenger got a message, so that a backlog after an outage is no crowd. Kept in memory, for the newest minutes alone:
after a restart somebody may have some more of the same minute, and each process counts for itself. What has to hold
for longer (questions and files of a day) is counted in the database.
"""

from dataclasses import dataclass, field
from datetime import datetime

import structlog
from telegram import Update

from domain.errors import Reason, RuleViolation
from domain.vietnamese.screening import screen
from handlers.chat.context import CHANNEL, Context, meet, meet_known
from handlers.chat.emergency import warn_of
from messages.notices.chat import Refusal
from messages.words import plain
from storage.people import people, roles

log = structlog.get_logger(__name__)

MINUTES_KEPT = 3
# Of what is dropped: how many messages of a minute are still looked at for an emergency, and how much of each.
LOOKED_AT = 20
SIGNS = 500  # at the beginning, and at the end


@dataclass
class Minute:
    """What one person sent in one minute."""

    # Which updates, so that one that is tried again counts once; at most as many as may come.
    taken: set[int] = field(default_factory=set)
    dropped: int = 0
    told: bool = False
    warned: bool = False  # has the emergency numbers


class Crowd:
    """Everybody's newest minutes."""

    def __init__(self) -> None:
        self._minutes: dict[int, dict[int, Minute]] = {}

    def minute_of(self, user_id: int, at: datetime) -> Minute:
        """A person's minute; only the newest ones of all people are kept, so that memory stays bounded."""
        number = int(at.timestamp() // 60)
        if number not in self._minutes:
            self._minutes[number] = {}
            for old in sorted(self._minutes)[:-MINUTES_KEPT]:
                del self._minutes[old]
        return self._minutes.get(number, {}).setdefault(user_id, Minute())


async def is_too_much(update: Update, context: Context) -> bool:
    """Whether this update is more than its sender may send in a minute; the first one over it is answered.

    Whom to call in an emergency is said all the same.
    """
    user = update.effective_user
    message = update.message or update.edited_message
    if user is None or (update.edited_message is not None and not _words(update)):
        return False  # a shared place moves by itself
    sent_at = context.work.now if message is None else message.edit_date or message.date
    crowd: Crowd = context.bot_data.setdefault("crowd", Crowd())
    minute = crowd.minute_of(user.id, sent_at)
    if update.update_id in minute.taken:
        return False
    if await _is_room(context, user.id, len(minute.taken)):
        minute.taken.add(update.update_id)
        return False
    minute.dropped += 1
    if minute.dropped & (minute.dropped - 1) == 0:  # 1, 2, 4, 8 …: a flood must not flood the log
        log.warning("too_many_messages", dropped=minute.dropped, update_id=update.update_id)
    await _answer_once(update, context, minute)
    return True


async def _is_room(context: Context, user_id: int, taken: int) -> bool:
    programme = context.work.programme
    if not programme.messages_per_minute or taken < programme.messages_per_minute:
        return True
    if programme.staff_messages_per_minute and taken >= programme.staff_messages_per_minute:
        return False
    person = await people.at(context.work, CHANNEL, str(user_id))
    return person is not None and bool(await roles.of_person(context.work, person.id))


async def _answer_once(update: Update, context: Context, minute: Minute) -> None:
    """In the person's own language, in their private chat or on the button; in a group in the programme's."""
    said = "" if minute.warned or minute.dropped > LOOKED_AT else _ends(_words(update))
    emergency = bool(screen(said).numbers)
    if minute.told and not emergency:
        return
    chat = update.effective_chat
    if chat is not None and chat.type != chat.PRIVATE:
        told, minute.told = minute.told, True
        if not told:
            raise RuleViolation(Reason.TOO_MANY_MESSAGES)
        return
    actor = await (meet if update.message is not None else meet_known)(update, context.work)
    if actor is None:
        return  # only a message makes somebody known
    context.actor = actor
    if emergency:
        minute.warned = await warn_of(context, said)
    if minute.told:
        return
    minute.told = True
    sentence = context.words.refusal(RuleViolation(Reason.TOO_MANY_MESSAGES))
    if update.callback_query is None:
        await context.reply(Refusal(html=sentence))
    else:
        context.show(plain(sentence), alert=True)


def _ends(text: str) -> str:
    """The beginning and the end of a text, which is looked at without being taken."""
    return text if len(text) <= 2 * SIGNS else f"{text[:SIGNS]}\n{text[-SIGNS:]}"


def _words(update: Update) -> str:
    message = update.message or update.edited_message
    return "" if message is None else message.text or message.caption or ""

"""`/lich`: the airing times, for everybody, also as a calendar document."""

from handlers.chat.registry import command, press
from handlers.chat.turn import Turn
from messages.buttons import Act, Button, Press
from messages.documents.airing_calendar import NAME
from messages.notices.airings import AiringTimes, CalendarFile, ListedAiring
from services import notify
from services.airings.schedule import calendar_document, coming_airings, with_episodes
from storage.delivery.outbox import Lane

DAYS_SHOWN = 45
OF_A_CHANNEL = 6  # airings shown


@command("lich", place=140)
async def airing_times(turn: Turn, argument: str) -> None:
    """Show the next airings by channel, with a button for the calendar document."""
    work = turn.work
    coming = await with_episodes(work, await coming_airings(work, DAYS_SHOWN))
    rows = []
    for channel in dict.fromkeys(airing.channel for airing, _episode in coming):
        shown = [pair for pair in coming if pair[0].channel == channel][:OF_A_CHANNEL]
        rows += [
            ListedAiring(
                channel=channel,
                starts_at=airing.starts_at,
                kind=airing.kind.value,
                status=airing.status.value,
                episode=episode,
            )
            for airing, episode in shown
        ]
    notice = AiringTimes(airings=tuple(rows), address=work.programme.calendar_address)
    await turn.reply(notice, [[Button("button.calendar_file", Act.CALENDAR_FILE)]] if rows else ())


@press(Act.CALENDAR_FILE)
async def calendar_pressed(turn: Turn, pressed: Press) -> None:
    document = await calendar_document(turn.work, turn.person.language)
    await notify.tell_with_document(turn.work, turn.person, CalendarFile(), document, NAME, lane=Lane.REPLY)
    turn.say("toast.sent")

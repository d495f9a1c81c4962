"""Whose words a message shows, it is registered for: hiding and erasing find it by that, wherever it was shown.

Unique words stand in every field of every question. A wide story is played through the real handlers; whatever the
outbox holds of it afterwards is looked through, so that a new message that forgets to say what it shows fails here.
"""

from typing import Any

import pytest
import sqlalchemy as sa

from messages.notice import Notice
from services.questions import secrecy
from storage.engine.database import Database
from storage.questions import questions as stored_questions
from storage.tables import outbox, outbox_questions, questions
from tests.campaigns.security.shown_story import FIELDS, Story, ids_of, left_of, mark, played, words_of
from tests.conftest import SetClock
from tests.worlds.chat import House

# They hold no word of a question: names of agencies, days, counts, codes, an office's own; what the public reads; or
# they go to who asked alone. A notice that is new is played in the story, or stands here.
NO_WORDS_OF_A_QUESTION = frozenset(
    """
    BlockAsked BlockDone Blocked MeantNoted
    AnswerTakenBack BroadcastTold EditorRefused EditorVouched ErasedForAsker GroupEndedNews GroupLinkedNews
    KeptAsDenunciation LedgerTakenNews NewsTakenBack NobodyReadsHidden OpenInvitations ReadsHidden RoleEndedNews
    RoleNews RoleOver SenderUnblocked VouchAsked WriteAgain
    AiringCard AiringChanged AiringDecided AiringPreview AiringTied AiringTimes AiringsAnnounced
    AnswerAnnounced AskInvitation AskerAired AskerAiring AskerAiringUnsure AskerErased AssignmentsMoved
    AuditLog BroadcastAgainAsked BroadcastAsked BroadcastDraft BroadcastMoveAsked BroadcastState
    BroadcastsListed CalendarFile CardErased DaysChanged DaysListed DaysPreview DeadlinesMoved
    ColleagueReplaced CorrectionDropped CorrectionWithdrawn DraftPartAdded DraftReplaced EditNotTaken EditedAfterwards
    EmergencyNumbers EpisodeNumberAsked EpisodePartsAsked
    EpisodeToTie EpisodesListed Erased ErasureAsked FieldChanged FieldChoice FilterAsked
    BroadcastTakeBackAsked FileLost FileNotSent FlaggedForEditors NotRead QuestionReconsidered QuestionUnpublished
    GoOnWithoutReply GroupEnded GroupLinked GroupLost GuestAsked GuestChoice Help HiddenCard InvitationMade
    InviteChoice LanguageAsked LanguageChosen LedgerAsked LedgerBeingMade LedgerNotSent LedgerReady
    AnswerLate NewQuestionsCounted OldFontRead
    LedgerTakenBack LinkAnnounced LinkRemoved ListChanged LongTextKept MomentDropped
    NobodyReached OpenWorkHandedOn
    OwnDataAsked OwnDataCorrected PlanAcknowledged PlanDuesMoved PlanTakenBack PublicationChosen
    QuestionPublished QuestionTakenOver QuestionWithdrawn RecordingMoved ReplyOverdue ReplyReminder
    ReplyToAnswer RoleRevoked
    ScheduleListed SomethingFailed StrayWords SubscriberDigest SubscriptionBegun SubscriptionFieldsShown
    SubscriptionLeft SubscriptionsShown SubstituteAsked SubstituteNamed SubstituteThanked SystemHealth
    TakenFromAgency TrackCodeAsked ViewsChoice ViewsRecorded ViewsTotalled Welcome WhichAgency YearConfirmed
    YearPreview
    """.split()  # noqa: SIM905
)


@pytest.fixture
async def story(
    database: Database, application: Any, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> Story:
    return await played(House(database, application), clock, monkeypatch)


async def test_a_message_is_registered_for_every_question_whose_words_it_shows(story: Story) -> None:
    ids, askers = await ids_of(story)
    async with story.house.database.reading() as work:
        rows = await work.all(sa.select(outbox).order_by(outbox.c.id))
        pairs = {(row.outbox_id, row.question_id) for row in await work.all(sa.select(outbox_questions))}
    of = {row.id: {row.question_id} | {q for o, q in pairs if o == row.id} for row in rows}
    places = {(row.address, row.message_id): row.id for row in reversed(rows) if row.message_id}
    forgotten, seen = [], set()
    for row in rows:
        base = row.edit_of or places.get((row.address, row.content.get("message_id")), row.id)
        for who, question_id in ids.items():
            shown = [one for one in story.marks(who) if one in words_of(row)]
            seen |= set(shown)
            if shown and row.person_id not in askers[who] and question_id not in of[row.id] | of[base]:
                forgotten.append((row.kind, who, shown, words_of(row)[:300]))
    assert forgotten == []
    assert len(seen) > 40, sorted(seen)
    notices = {one.__name__ for one in Notice.__subclasses__() if one.__module__.startswith("messages.")}
    played = {one.__name__ for one in story.said}
    assert sorted(notices - played - NO_WORDS_OF_A_QUESTION) == [], "play it in the story"


async def test_no_message_and_no_chat_of_others_holds_words_of_what_was_hidden(story: Story) -> None:
    ids, askers = await ids_of(story)
    for who in ("c", "d", "a"):
        async with story.house.database.work() as work:
            await work.run(sa.update(questions).where(questions.c.id == ids[who]).values(secrecy="suspected"))
            question = await stored_questions.by_id(work, ids[who])
            assert question is not None
            await secrecy.hide(work, question)
        await story.house.deliver()
        editor = (await story.offices.editor.row()).id
        assert await left_of(story, story.marks(who), but=askers[who] | {editor}) == []


async def test_no_message_and_no_chat_of_others_holds_words_of_who_was_erased(story: Story) -> None:
    for who in ("b", "a", "c", "e", "f"):
        await story.askers[who].send("/xoadulieu")
        await story.askers[who].press("Xác nhận")
        story.erased.add(story.askers[who].address)
        assert "Đã xóa" in story.askers[who].last.text
    await story.offices.editor.send(f"/xoadulieu {story.codes['d']}")
    await story.offices.editor.press("Xác nhận")
    for who in Story.WHO:
        words = [mark(who, what) for what in FIELDS]
        assert await left_of(story, words, but=set()) == []

"""Nobody uses power over others alone and unheard: each grant is told to all who share it, and a new editor reads
denunciations only on another editor's word.

The table below is written by hand: a new kind of entry of the audit log fails here until somebody has said who hears.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.loops.ledger_maker import LedgerMaker
from domain.privacy.audit import AuditAct
from domain.programme import Programme
from domain.questions.life import Role, Secrecy
from messages.notices.episodes import PlanTakenBack
from services import notify
from services.episodes.recall import preview_key
from services.ledger import digests
from services.operation import health
from services.people.actors import actor_of
from services.privacy import erasing
from services.staff import staff
from storage.delivery import outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database
from storage.people import people, roles
from storage.tables import audit as audit_table
from storage.tables import questions as questions_table
from tests.campaigns.security.attempts import press, undone
from tests.campaigns.security.test_ended_power import end, end_by_service, hire_again, invited, roles_of
from tests.campaigns.security.test_roles import MARKS, PROMISE_CONFIRMED, PROMISE_HIDDEN, WORDS, read, update
from tests.handlers.chat.test_unreachable import membership
from tests.handlers.deadlines.test_extensions_and_reminders import Group
from tests.worlds.chat import Chat, House
from tests.worlds.offices import LAND, Offices, hire
from tests.worlds.place import make_all, settle
from tests.worlds.rules import rules

DENUNCIATION = "Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng của dân làm sổ đỏ."

# --- who hears ------------------------------------------------------------------------------------------------

OWN = "what somebody does about their own data"
MACHINE = "the operator, or time: printed or logged where it is done"

# What all editors and admins read of it at once; or why nobody needs to.
HEARD = {
    AuditAct.ROLE_GRANTED: "vừa nhận vai trò",
    AuditAct.ROLE_REVOKED: "đã kết thúc",
    AuditAct.VOUCHED: "được xem câu hỏi nghi tố cáo từ bây giờ",
    AuditAct.VOUCH_REFUSED: "chưa đồng ý cho biên tập viên mới",
    AuditAct.GROUP_LINKED: "vừa gắn nhóm",
    AuditAct.LEDGER_EXPORTED: "vừa xuất sổ câu hỏi",
    AuditAct.ASKER_ERASED: "đã xóa thông tin người hỏi",
    AuditAct.SENDER_BLOCKED: "đã chặn người gửi câu hỏi",
    AuditAct.SENDER_UNBLOCKED: "đã bỏ chặn người gửi",
}
BROADCAST = "stories of their own: tests/campaigns/security/test_broadcast_power.py"
UNHEARD = {
    AuditAct.BROADCAST_QUEUED: "told with its words and `Dừng gửi` (tests/campaigns/security/test_broadcast_power.py)",
    AuditAct.BROADCAST_APPROVED: BROADCAST,
    AuditAct.BROADCAST_PAUSED: BROADCAST,
    AuditAct.BROADCAST_RESUMED: BROADCAST,
    AuditAct.BROADCAST_STOPPED: BROADCAST,
    AuditAct.BROADCAST_MOVED: BROADCAST,
    AuditAct.BROADCAST_TAKEN_BACK: "told on its card, after `Xác nhận` (tests/handlers/broadcasts/test_taking_back.py)",
    AuditAct.AIRING_CHANGED: BROADCAST,
    AuditAct.ENDINGS_REPLAYED: MACHINE,
    AuditAct.EVIDENCE_BEGUN: MACHINE,
    AuditAct.LEDGER_SEALED: MACHINE,
    AuditAct.KEY_CHANGED: MACHINE,
    AuditAct.TICKED_AS_IF: MACHINE,
    AuditAct.WORDS_ADDED: "more of an album to an answer: whoever asked gets it, and it stands in the ledger",
    AuditAct.INVITED: "gives no power yet: who takes it up is told; it stands in the list of open ones",
    AuditAct.INVITATION_ENDED: "takes power away that nobody had yet",
    AuditAct.DAYS_CHANGED: "whose deadlines move hear so, editors too (tests/services/deadlines/test_rescheduling.py)",
    AuditAct.YEAR_CONFIRMED: "changes no deadline",
    AuditAct.HIDDEN_READ: "an editor's daily work; admins read who did it when",
    AuditAct.RESTORED: MACHINE,
    AuditAct.ERASURES_REPLAYED: MACHINE,
    AuditAct.RETENTION_APPLIED: MACHINE,
    AuditAct.CONSENT_GIVEN: OWN,
    AuditAct.CONSENT_WITHDRAWN: OWN,
    AuditAct.DATA_CORRECTED: OWN,
    AuditAct.DATA_EXPORTED: OWN,
    AuditAct.ERASED: OWN,
}


def test_every_kind_of_act_says_who_hears_of_it() -> None:
    assert set(HEARD) | set(UNHEARD) == set(AuditAct)
    assert not set(HEARD) & set(UNHEARD)
    assert set(DONE) == set(HEARD)


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
async def admin(offices: Offices) -> Chat:
    return await hire(offices.house, "Quản", Role.ADMIN)


async def _granted(offices: Offices, admin: Chat) -> Chat:
    code = await invited(admin, "officer SYT")
    new = offices.house.person("Ba")
    await new.send(f"/start {code}")
    return new


async def _revoked(offices: Offices, admin: Chat) -> Chat:
    await end(offices, admin, offices.officer, "Cán bộ xử lý")
    return offices.officer


async def _vouched(offices: Offices, admin: Chat) -> Chat:
    new = await hire(offices.house, "Hai", Role.EDITOR)
    await offices.editor.press("Đồng ý cho xem")
    return new


async def _vouch_refused(offices: Offices, admin: Chat) -> Chat:
    new = await hire(offices.house, "Hai", Role.EDITOR)
    await offices.editor.press("Chưa đồng ý")
    return new


async def _group_linked(offices: Offices, admin: Chat) -> Chat:
    await Group(offices).say(offices.officer, "/nhom")
    return offices.officer


async def _ledger_taken(offices: Offices, admin: Chat) -> Chat:
    await offices.ask()
    await admin.send("/xuatso tất cả")
    house = offices.house
    await LedgerMaker(house.database, _FOLDER[0], house.worker._queued).make_all()
    await house.deliver()
    return admin


async def _asker_erased(offices: Offices, admin: Chat) -> Chat:
    editor = offices.editor
    await editor.send("/nhaptay")
    await editor.press("Thư")
    await editor.send(LAND, "Trần Văn Thư", "3 Lê Lợi", "0909000111")
    await editor.press("Bỏ qua")
    await editor.press("Xác nhận")
    await editor.send("/xoadulieu DH-2026-000001")
    await editor.press("Xác nhận")
    return editor


async def _sender_blocked(offices: Offices, admin: Chat) -> Chat:
    code = await offices.ask()
    await offices.editor.send(f"/chan {code} Quảng cáo")
    return offices.editor


async def _sender_unblocked(offices: Offices, admin: Chat) -> Chat:
    await _sender_blocked(offices, admin)
    await admin.press("Bỏ chặn")
    return admin


_FOLDER: list[Any] = []
DONE: dict[AuditAct, Callable[[Offices, Chat], Awaitable[Chat]]] = {
    AuditAct.ROLE_GRANTED: _granted,
    AuditAct.ROLE_REVOKED: _revoked,
    AuditAct.VOUCHED: _vouched,
    AuditAct.VOUCH_REFUSED: _vouch_refused,
    AuditAct.GROUP_LINKED: _group_linked,
    AuditAct.LEDGER_EXPORTED: _ledger_taken,
    AuditAct.ASKER_ERASED: _asker_erased,
    AuditAct.SENDER_BLOCKED: _sender_blocked,
    AuditAct.SENDER_UNBLOCKED: _sender_unblocked,
}


@pytest.mark.parametrize("act", list(HEARD))
async def test_whoever_shares_the_power_hears_of_it_at_once(
    offices: Offices, admin: Chat, database: Database, tmp_path: Any, act: AuditAct
) -> None:
    """`about` is whom it concerns or who did it: they need not be told by this."""
    _FOLDER[:] = [tmp_path]
    others = [offices.editor, admin, await hire(offices.house, "Trị", Role.ADMIN)]
    others.append(await hire(offices.house, "Tập", Role.EDITOR))
    before = {chat.address: len(chat.shown) for chat in others}
    about = await DONE[act](offices, admin)
    async with database.reading() as work:
        assert await work.all(sa.select(audit_table).where(audit_table.c.act == act))
    refuser = offices.editor if act is AuditAct.VOUCH_REFUSED else None
    for chat in others:
        if chat.address in (about.address, refuser.address if refuser else 0):
            continue
        news = [one for one in chat.shown[before[chat.address] :] if HEARD[act] in one.text]
        assert len(news) == 1, (chat.name, act)
    citizens = [offices.citizen, offices.leader] if act is not AuditAct.GROUP_LINKED else [offices.citizen]
    assert not [chat.name for chat in citizens if chat.saying(HEARD[act])]


async def test_the_news_says_who_which_role_which_agency_and_who_invited(
    offices: Offices, admin: Chat
) -> None:
    new = await _granted(offices, admin)
    told = offices.editor.last.text
    assert "Ba vừa nhận vai trò Cán bộ xử lý - Sở Y tế." in told
    assert "Người mời: Quản." in told
    assert not new.saying("vừa nhận vai trò")  # they hear it once, in their own words
    assert "Từ bây giờ" in new.last.text
    await hire(offices.house, "Bốn", Role.EDITOR)
    assert "Người mời: người vận hành." in admin.last.text


async def test_nobody_takes_up_their_own_invitation(
    offices: Offices, admin: Chat, database: Database
) -> None:
    for what in ("biên tập", "officer SYT", "admin"):
        await admin.send(f"/start {await invited(admin, what)}")
        assert "do chính mình tạo" in admin.last.text
    assert await roles_of(database, admin) == {"admin"}


# --- another editor's word ---------------------------------------------------------------------------------------


async def reads(chat: Chat, code: str) -> bool:
    shown = len(chat.shown)
    await chat.send(f"/xem {code}")
    return "hối lộ" in "".join(one.text for one in chat.shown[shown:])


async def test_a_new_editor_reads_denunciations_once_another_editor_says_so(
    offices: Offices, admin: Chat, database: Database
) -> None:
    code = await offices.ask(DENUNCIATION)
    new = offices.house.person("Hai")
    await new.send(f"/start {await invited(admin, 'biên tập')}")
    assert "một biên tập viên khác phải đồng ý trước" in new.last.text
    assert await reads(offices.editor, code)
    assert not await reads(new, code)
    await new.send("/moi")
    assert code not in new.last.text
    ordinary = await offices.ask(LAND, who=offices.house.person("Năm"))
    assert new.saying(ordinary)  # an editor for everything else
    await new.send(f"/chuyen {ordinary} SNNMT")
    assert await offices.status(ordinary) == "assigned"
    asked = offices.editor.saying("Người này được xem câu hỏi nghi tố cáo không?")[-1]
    assert "Hai" in asked.text
    assert "Quản" in asked.text
    await offices.editor.press("Đồng ý cho xem", asked, times=2)
    assert new.saying("ông/bà được xem câu hỏi nghi tố cáo")
    assert await reads(new, code)
    second = await offices.ask(DENUNCIATION + " Việc khác.", who=offices.house.person("Sáu"))
    assert new.saying("Nghi tố cáo")[-1].labels == ["Xem nội dung"]
    assert second in new.saying("Nghi tố cáo")[-1].text
    assert not asked.labels or offices.editor.shown


async def test_a_new_editor_hears_nothing_of_a_denunciation_and_loses_what_becomes_one(
    offices: Offices, admin: Chat, database: Database
) -> None:
    new = await hire(offices.house, "Hai", Role.EDITOR)
    code = await offices.ask(LAND)
    await new.send(f"/xem {code}", "/moi")
    assert new.saying("sổ đỏ")
    await offices.editor.send(f"/xem {code}")
    await offices.editor.press("Nghi tố cáo")
    assert new.saying("sổ đỏ") == []
    assert not new.saying("Xin bấm “Xem nội dung”")
    assert offices.editor.saying("sổ đỏ")


async def test_an_editor_who_flags_without_word_reads_on_no_more(offices: Offices, admin: Chat) -> None:
    new = await hire(offices.house, "Hai", Role.EDITOR)
    code = await offices.ask(LAND)
    await new.send(f"/xem {code}")
    await new.press("Nghi tố cáo")
    assert new.saying("sổ đỏ") == []
    assert offices.editor.saying(code)


@pytest.mark.parametrize("secrecy", [Secrecy.SUSPECTED, Secrecy.CONFIRMED])
async def test_to_a_denunciation_an_editor_without_word_stands_like_an_admin(
    database: Database, application: Any, secrecy: Secrecy
) -> None:
    """Every command and button of the table in test_roles, for an editor for whom nobody has vouched."""
    place = await settle(database, application)
    await make_all(database, secrecy)
    wrong = []
    async with undone(database, application) as attempts:
        work = attempts.work
        new = await people.seen(work, channel="telegram", address="999666", display_name="Hai", language="vi")
        await roles.grant(work, new.id, Role.EDITOR, None, None, vouched=False)
        here = replace(place, people=place.people | {"new": 999666})
        confirmed = PROMISE_CONFIRMED if secrecy is Secrecy.CONFIRMED else ""
        for line, row in read(PROMISE_HIDDEN, confirmed).items():
            savepoint = await work.connection.begin_nested()
            found = await attempts.try_all([update(here, line, "new")])
            await savepoint.rollback()
            work.known.clear()
            mark = row["admin"]
            expected = None if mark in "o+" else MARKS[mark].value
            (outcome,) = found.outcomes
            if outcome.failed or outcome.refused != expected:
                wrong.append(f"{line}: {outcome.refused}, expected {expected}")
            said = found.to("999666")
            wrong += [f"{line}: read the {what}" for what, words in WORDS.items() if words in said]
    assert not wrong, "\n".join(wrong)


async def test_neither_an_admin_nor_oneself_nor_another_who_waits_vouches(
    offices: Offices, admin: Chat, database: Database
) -> None:
    new, other = await hire(offices.house, "Hai", Role.EDITOR), await hire(offices.house, "Ba", Role.EDITOR)
    data = offices.editor.saying("Người này được xem")[0].data("Đồng ý cho xem")
    for chat in (admin, new, other, offices.officer, offices.citizen):
        await chat.send("/start")
        await chat.press_data(data, chat.last.id)
    async with database.reading() as work:
        assert {one.id for one in await roles.waiting_editors(work)} == {
            (await new.row()).id,
            (await other.row()).id,
        }


async def test_whoever_invited_as_an_admin_does_not_vouch_where_another_editor_can(
    offices: Offices, admin: Chat, database: Database
) -> None:
    await hire_again(offices, admin, Role.EDITOR, None)
    await offices.editor.press("Đồng ý cho xem")
    new = offices.house.person("Ba")
    await new.send(f"/start {await invited(admin, 'biên tập')}")
    assert not admin.saying("Ba.\nNgười mời")
    asked = offices.editor.saying("Người này được xem")[-1]
    await admin.press_data(asked.data("Đồng ý cho xem"), admin.last.id)
    async with database.reading() as work:
        assert len(await roles.waiting_editors(work)) == 1
    # Once no other can be reached, theirs is the word of an editor as well.
    await membership(offices.editor, "kicked")
    await admin.press_data(asked.data("Đồng ý cho xem"), admin.last.id)
    async with database.reading() as work:
        assert not await roles.waiting_editors(work)


async def test_who_said_no_may_still_say_yes(offices: Offices, admin: Chat, database: Database) -> None:
    new = await hire(offices.house, "Hai", Role.EDITOR)
    await offices.editor.press("Chưa đồng ý")
    asked = offices.editor.saying("Người này được xem")[-1]
    assert "chưa đồng ý" in asked.text
    assert asked.labels == ["Đồng ý cho xem"]
    assert not new.saying("chưa đồng ý")
    await offices.editor.press("Đồng ý cho xem", asked)
    async with database.reading() as work:
        assert not await roles.waiting_editors(work)


# --- an office is never left where nobody can read a denunciation ---------------------------------------------------


async def test_the_first_editor_of_an_office_needs_nobodys_word(database: Database, application: Any) -> None:
    house = House(database, application)
    admin = await hire(house, "Quản", Role.ADMIN)
    first = house.person("Một")
    await first.send(f"/start {await invited(admin, 'biên tập')}")
    assert "phải đồng ý trước" not in first.last.text
    async with database.reading() as work:
        assert [one.id for one in await roles.readers_of_hidden(work)] == [(await first.row()).id]


async def test_an_admin_does_not_open_denunciations_by_ending_the_editors(
    offices: Offices, admin: Chat, database: Database
) -> None:
    code = await offices.ask(DENUNCIATION)
    await end(offices, admin, offices.editor, "Biên tập viên")
    assert "danhoi invite --role editor" in admin.last.text
    puppet = offices.house.person("Hai")
    await puppet.send(f"/start {await invited(admin, 'biên tập')}")
    assert not await reads(puppet, code)
    assert "danhoi invite --role editor" in admin.last.text
    async with database.reading() as work:
        assert not next(one for one in await health.checks(work) if one.name == "staff").ok
    # The operator's invitation is the way out, for who is an editor already, too.
    async with database.work() as work:
        operators, _ = await staff.invite(work, Role.EDITOR, None)
    await puppet.send(f"/start {operators}")
    assert await reads(puppet, code)
    assert admin.saying("Người đồng ý: người vận hành")
    async with database.reading() as work:
        assert next(one for one in await health.checks(work) if one.name == "staff").ok


async def test_an_operators_invitation_vouches_for_nobody_where_an_editor_can(
    offices: Offices, database: Database
) -> None:
    new = await hire(offices.house, "Hai", Role.EDITOR)
    async with database.work() as work:
        again, _ = await staff.invite(work, Role.EDITOR, None)
    await new.send(f"/start {again}")
    assert "phải đồng ý trước" in new.last.text
    async with database.reading() as work:
        assert len(await roles.waiting_editors(work)) == 1


async def test_a_denunciation_that_no_editor_can_be_told_of_is_told_without_a_word_of_it(
    offices: Offices, admin: Chat
) -> None:
    await membership(offices.editor, "kicked")
    assert admin.saying("Không còn biên tập viên nào xem được")
    before = len(admin.shown)
    await offices.ask(DENUNCIATION)
    (told,) = admin.shown[before:]
    assert "Không còn biên tập viên nào" in told.text
    assert "hối lộ" not in told.text


async def test_who_begins_to_read_is_asked_about_those_who_wait(offices: Offices, admin: Chat) -> None:
    first = await hire(offices.house, "Hai", Role.EDITOR)
    second = await hire(offices.house, "Ba", Role.EDITOR)
    await offices.editor.press("Đồng ý cho xem", offices.editor.saying("Biên tập viên mới: Hai")[-1])
    await first.press("Đồng ý cho xem")
    assert second.saying("ông/bà được xem câu hỏi nghi tố cáo")
    assert "Đồng ý cho xem" not in offices.editor.saying("Biên tập viên mới: Ba")[-1].labels


class TestWhereOneEditorIsEnough:
    """`[privacy] second_editor = false`."""

    @pytest.fixture
    def programme(self) -> Programme:
        return rules(second_editor=False)

    async def test_a_new_editor_reads_at_once(self, offices: Offices, admin: Chat) -> None:
        code = await offices.ask(DENUNCIATION)
        new = await hire(offices.house, "Hai", Role.EDITOR)
        assert await reads(new, code)
        assert not offices.editor.saying("Người này được xem")


async def test_a_role_that_comes_back_needs_a_word_again(
    offices: Offices, admin: Chat, database: Database
) -> None:
    second = await hire(offices.house, "Hai", Role.EDITOR)
    await offices.editor.press("Đồng ý cho xem")
    await end_by_service(offices, admin, second)
    database.clock.move(minutes=1)  # type: ignore[attr-defined]
    await hire_again(offices, second, Role.EDITOR, None)
    assert "phải đồng ý trước" in second.last.text


# --- wherever else a denunciation is spoken of ---------------------------------------------------------------------


async def test_a_digest_counts_denunciations_to_who_reads_them(offices: Offices, database: Database) -> None:
    new = await hire(offices.house, "Hai", Role.EDITOR)
    await offices.ask(DENUNCIATION)
    database.clock.move(days=1)  # type: ignore[attr-defined]
    await digests.send_digests(database)
    await offices.house.deliver()
    assert "tố cáo" in offices.editor.saying("Bản tin ngày")[-1].text
    assert "tố cáo" not in new.saying("Bản tin ngày")[-1].text


async def test_a_plan_that_an_editor_without_word_looked_at_goes_when_a_question_in_it_is_flagged(
    database: Database, application: Any
) -> None:
    place = await settle(database, application)
    async with undone(database, application) as attempts:
        work = attempts.work
        new = await people.seen(work, channel="telegram", address="999666", display_name="Hai", language="vi")
        await roles.grant(work, new.id, Role.EDITOR, None, None, vouched=False)
        key = preview_key(int(place.ids["episode"]), new)
        plan = await notify.tell_with_document(
            work, new, PlanTakenBack(number="12/2026"), b"PK", "kich-ban.docx", supersedes=key
        )
        assert plan is not None
        await attempts.try_all([press(place.people["officer"], f"fl:{place.ids['assi']}")])
        assert (await outbox.by_id(work, plan)).state == OutboxState.DROPPED


async def test_who_erases_an_asker_is_told_of_no_denunciation_under_the_same_name(
    database: Database, application: Any
) -> None:
    place = await settle(database, application)
    async with undone(database, application) as attempts:
        work = attempts.work
        new = await people.seen(work, channel="telegram", address="999666", display_name="Hai", language="vi")
        await roles.grant(work, new.id, Role.EDITOR, None, None, vouched=False)
        reader = await people.at(work, "telegram", str(place.people["editor"]))
        assert reader is not None
        hidden = sa.update(questions_table).where(questions_table.c.id == place.ids["post"])
        await work.run(hidden.values(secrecy=Secrecy.SUSPECTED))
        for person, named in ((new, ()), (reader, (place.codes["post"],))):
            _, told = await erasing.extent_for(work, await actor_of(work, person), int(place.ids["hand"]))
            assert told.same_name == named

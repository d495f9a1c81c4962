"""Every power of a role, tried after the role ended: by command and button, going on, handed out, on its way, shown.

The tables below are written by hand. A new column that keeps what one of the staff did, and a new step of a
conversation, fail here until somebody has said what becomes of it when the role ends.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from domain.questions.life import Role
from handlers.chat.registry import STEPS
from messages.notices.episodes import PlanTakenBack
from services import notify
from services.deadlines import reminding
from services.episodes.recall import plan_key, preview_key
from services.ledger import digests
from services.people import ended_roles
from services.people.actors import actor_of
from services.privacy import left_chats
from services.staff import staff
from storage.agencies import agencies
from storage.broadcasts import drafts
from storage.delivery import outbox
from storage.delivery.outbox import OutboxState
from storage.engine.database import Database
from storage.people import conversations, people, roles
from storage.tables import inbox, metadata
from storage.tables import outbox as outbox_table
from storage.tables import roles as roles_table
from tests.campaigns.security.attempts import TRACES, message, press, rows_of, undone
from tests.campaigns.security.test_roles import MARKS, PROMISE, STARTED, read, update
from tests.conftest import SetClock
from tests.handlers.chat.test_unreachable import membership
from tests.handlers.deadlines.test_extensions_and_reminders import Group
from tests.handlers.ledger.test_exports import Exports
from tests.worlds.chat import Chat, House
from tests.worlds.offices import LAND, Offices, hire
from tests.worlds.place import Place, settle

# --- the table of powers ------------------------------------------------------------------------------------

RECORD = "what was decided or written down: it stands, and colleagues see it"
ASKER = "theirs as a citizen"

# Each column that refers to a person → the story below that tries it, or why nothing is left to be tried.
POWERS = {
    "roles.person_id": "test_what_the_role_did_is_refused_to_whoever_held_it",
    "roles.granted_by": RECORD + "; told to all at once (test_power_is_heard)",
    "roles.vouched_by": RECORD + "; told to all at once (test_power_is_heard)",
    "roles.revoked_by": RECORD + "; told to all at once (test_power_is_heard)",
    "invitations.created_by": "test_an_admins_invitations_end_with_the_role",
    "invitations.ended_by": RECORD,
    "invitation_uses.person_id": "test_nobody_comes_back_by_what_was_handed_out_before",
    "conversations.person_id": "test_going_on_with_what_was_begun_changes_nothing",
    "question_drafts.person_id": ASKER,
    "broadcast_drafts.person_id": "test_a_broadcast_being_composed_is_gone",
    "broadcasts.created_by": "tests/campaigns/security: what waits or runs is paused with the role of who made it",
    "broadcast_acts.person_id": RECORD,
    "agency_groups.linked_by": "test_a_group_hears_no_more_when_the_role_of_who_linked_it_ends",
    "ledger_exports.person_id": "test_a_ledger_asked_for_reaches_nobody_who_is_no_admin",
    "outbox.person_id": "test_cards_lists_and_files_lose_words_and_buttons",
    "files.person_id": "an answer's files wait for approval by others; a citizen's are their own",
    "answers_being_written.person_id": "test_going_on_with_what_was_begun_changes_nothing",
    "drafts.submitted_by": "an answer goes out by the approval of others",
    "broadcasts.approved_by": "tests/campaigns/security/test_broadcast_power.py: waits again once they have gone",
    "approvals.approver_id": RECORD + "; a later step decides",
    "extensions.asked_by": "editors decide",
    "extensions.decided_by": RECORD,
    "undos.person_id": "test_what_the_role_did_is_refused_to_whoever_held_it",
    "entries.author_id": RECORD,
    "history.actor_id": RECORD,
    "blocks.person_id": ASKER,
    "blocks.by_id": RECORD + "; all who share the power may take it back",
    "blocks.ended_by": RECORD,
    "audit.actor_id": RECORD,
    "confirmed_years.confirmed_by": RECORD,
    "airings.changed_by": RECORD,
    "episodes.created_by": RECORD,
    "episode_questions.chosen_by": RECORD + ", until the plan is sent by an editor",
    "script_plans.sent_by": RECORD,
    "plan_receipts.acknowledged_by": RECORD,
    "links.added_by": RECORD,
    "link_views.recorded_by": RECORD,
    "consents.person_id": ASKER,
    "questions.asker_id": ASKER,
    "ratings.person_id": ASKER,
    "subscriptions.person_id": ASKER,
    "subscribers.person_id": ASKER,
    "deliveries.person_id": ASKER,
}

# Steps at which everybody may be; all others end with the role.
STEPS_OF_EVERYBODY = {
    "ask.consent",
    "ask.name",
    "ask.address",
    "ask.contact",
    "ask.organisation",
    "ask.field",
    "ask.check",
    "long",
    "own_data",
    "track",
    "supply",
    "album",
    "after_answer",
    "reopen",
}
STEPS_OF_STAFF = {
    *("return", "ask_more", "extend", "answer", "official_letter", "promise", "promise_kept", "promise_move"),
    *("send_back", "agency", "merge", "supply_for", "refuse_extension", "correct_why", "delivery"),
    *("publish_unagreed", "publish_question", "publish_answer", "invite_agency", "day_typed"),
    *("unpublish", "promise_withdraw", "block"),
    *("hand.channel", "hand.text", "hand.name", "hand.address", "hand.contact", "hand.field"),
    *("airing_move", "airing_cancel", "airing_add", "airing_tie", "broadcast", "broadcast_move"),
    *("episode_new", "episode_part", "episode_on_air", "episode_leave_out", "episode_guest"),
    *(
        "episode_substitute",
        "link_add",
        "link_moment",
        "link_views",
        "question_field",
        "which_agency",
        "grant_in_words",
    ),
    "stray",
}


def test_every_column_of_what_somebody_did_is_in_the_table_of_powers() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "people" for key in column.foreign_keys)
    }
    assert found == set(POWERS)
    here = {name for name in globals() if name.startswith("test_")}
    assert {what for what in POWERS.values() if what.startswith("test_")} <= here


def test_every_step_of_a_conversation_is_everybodys_or_ends_with_the_role() -> None:
    assert set(STEPS) == STEPS_OF_EVERYBODY | STEPS_OF_STAFF
    kept = {
        name
        for name in STEPS
        if name in ended_roles.OF_EVERYBODY or name.startswith(ended_roles.OWN_QUESTION)
    }
    assert kept == STEPS_OF_EVERYBODY


# --- by command and button, and going on --------------------------------------------------------------------

HELD = ("officer", "leader", "coord", "editor", "admin")


async def end_roles(work: Any, place: Place, *whose: str) -> None:
    """Another admin, who stays, ends every role of these people."""
    other = await people.seen(work, channel="telegram", address="999777", display_name="Trị", language="vi")
    await roles.grant(work, other.id, Role.ADMIN, None, None)
    admin = await actor_of(work, other)
    for who in whose:
        person = await people.at(work, "telegram", str(place.people[who]))
        assert person is not None
        for held in await roles.of_person(work, person.id):
            await staff.revoke(work, admin, held.id)


async def test_what_the_role_did_is_refused_to_whoever_held_it(database: Database, application: Any) -> None:
    place = await settle(database, application)
    wrong = []
    async with undone(database, application) as attempts:
        work = attempts.work
        await end_roles(work, place, *HELD)
        for line, row in read(PROMISE).items():
            expected = None if row["revoked"] in "o+" else MARKS[row["revoked"]].value
            savepoint = await work.connection.begin_nested()
            found = await attempts.try_all([update(place, line, who) for who in HELD])
            await savepoint.rollback()
            work.known.clear()
            wrong += [
                f"{line}: {who} {outcome.refused}, expected {expected}"
                for who, outcome in zip(HELD, found.outcomes, strict=True)
                if outcome.failed or outcome.refused != expected
            ]
    assert not wrong, "\n".join(wrong)


async def test_going_on_with_what_was_begun_changes_nothing(database: Database, application: Any) -> None:
    place = await settle(database, application)
    wrong = []
    async with undone(database, application) as attempts:
        work = attempts.work
        for line in STARTED.strip().splitlines():
            who, start, then = (part.strip() for part in line.split("|"))
            savepoint = await work.connection.begin_nested()
            await attempts.try_all([update(place, start, who)])
            beginner = await people.at(work, "telegram", str(place.people[who]))
            assert beginner is not None
            assert await conversations.of_person(work, beginner.id) is not None, line
            await end_roles(work, place, who)
            if await conversations.of_person(work, beginner.id) is not None:
                wrong.append(f"{line}: still waited for")
            before = await rows_of(
                work, TRACES | {"conversations", "question_drafts", "answers_being_written"}
            )
            by_button = re.fullmatch(r"ok|an:.*|in:.*", then)
            made = press if by_button else message
            await attempts.try_all([made(place.people[who], then.format(**place.ids))])
            after = await rows_of(
                work, TRACES | {"conversations", "question_drafts", "answers_being_written"}
            )
            wrong += [f"{line}: {table} was changed" for table in after if after[table] != before[table]]
            await savepoint.rollback()
            work.known.clear()
    assert not wrong, "\n".join(wrong)


# --- a small office -----------------------------------------------------------------------------------------


@pytest.fixture
async def offices(database: Database, application: Any) -> Offices:
    return await Offices.open(House(database, application))


@pytest.fixture
async def admin(offices: Offices) -> Chat:
    return await hire(offices.house, "Quản", Role.ADMIN)


async def end(offices: Offices, by: Chat, whose: Chat, role: str) -> None:
    """By the buttons of `/moinguoi`."""
    await by.send("/moinguoi")
    await by.press(f"{whose.name} · {role}")
    await by.press("Xác nhận")
    assert whose.saying("đã kết thúc")


async def invited(admin: Chat, what: str) -> str:
    await admin.send(f"/moinguoi {what}")
    found = re.search(r"start=(\w+)", admin.last.text)
    assert found is not None
    return found[1]


async def roles_of(database: Database, chat: Chat) -> set[str]:
    person = await chat.row()
    async with database.reading() as work:
        return {row.role for row in await roles.of_person(work, person.id)}


# --- invitations --------------------------------------------------------------------------------------------


async def test_an_admins_invitations_end_with_the_role(
    offices: Offices, admin: Chat, database: Database
) -> None:
    other = await hire(offices.house, "Trị", Role.ADMIN)
    codes = [
        await invited(other, "admin"),
        await invited(other, "biên tập"),
        await invited(other, "officer SYT"),
    ]
    await end(offices, admin, other, "Quản trị viên")
    assert admin.saying("Lời mời chưa dùng của người này cũng hết hiệu lực: 3")
    stranger = offices.house.person("Lạ")
    for chat in (other, stranger):
        for code in codes:
            await chat.send(f"/start {code}")
            assert chat.last.text.startswith(
                ("Lời mời này không còn hiệu lực", "Ông/bà không thể dùng lời mời do")
            )
        assert await roles_of(database, chat) == set()
    database.clock.move(minutes=1)  # type: ignore[attr-defined]
    # Coming back as an admin does not bring back what was handed out.
    await other.send(f"/start {await invited(admin, 'admin')}")
    assert await roles_of(database, other) == {"admin"}
    await stranger.send(f"/start {codes[1]}")
    assert await roles_of(database, stranger) == set()


async def test_an_invitation_counts_only_while_its_maker_may_invite(
    offices: Offices, admin: Chat, database: Database
) -> None:
    code = await invited(admin, "biên tập")
    async with database.work() as work:  # however the role ended: a restored backup, an operator
        (held,) = await roles.of_person(work, (await admin.row()).id)
        await roles.revoke(work, held.id, None)
    stranger = offices.house.person("Lạ")
    await stranger.send(f"/start {code}")
    assert "không còn hiệu lực" in stranger.last.text
    assert await roles_of(database, stranger) == set()


async def test_nobody_comes_back_by_what_was_handed_out_before(
    offices: Offices, admin: Chat, database: Database
) -> None:
    async with database.work() as work:
        agency = await agencies.by_code(work, "SNNMT")
        link, _ = await staff.invite(work, Role.OFFICER, agency, uses=3)
        unused, _ = await staff.invite(work, Role.OFFICER, agency, uses=3)
    new = offices.house.person("Ba")
    await new.send(f"/start {link}")
    assert await roles_of(database, new) == {"officer"}
    await end(offices, admin, new, "Cán bộ xử lý")
    for code in (link, unused):
        await new.send(f"/start {code}")
        assert "không còn hiệu lực" in new.last.text
        assert await roles_of(database, new) == set()
    colleague = offices.house.person("Tư")
    await colleague.send(f"/start {link}")
    assert await roles_of(database, colleague) == {"officer"}
    async with database.work() as work:
        used = sa.select(metadata.tables["invitation_uses"].c.person_id)
        assert {row.person_id for row in await work.all(used)} >= {(await new.row()).id}
    database.clock.move(minutes=1)  # type: ignore[attr-defined]
    await new.send(f"/start {await invited(admin, 'officer SNNMT')}")  # somebody wants them back
    assert await roles_of(database, new) == {"officer"}


async def test_open_invitations_are_listed_without_their_codes_and_cancelled(
    offices: Offices, admin: Chat, database: Database
) -> None:
    code = await invited(admin, "officer SYT")
    async with database.work() as work:
        by_operator, _ = await staff.invite(work, Role.EDITOR, None, uses=5)
    await admin.send("/moinguoi")
    await admin.press("Lời mời chưa dùng")
    listed = admin.last
    assert code not in listed.text
    assert by_operator not in listed.text
    for words in (
        "Cán bộ xử lý - Sở Y tế. Người mời: Quản",
        "Biên tập viên. Người mời: người vận hành",
        "5 lượt",
    ):
        assert words in listed.text
    await admin.press("Hủy lời mời: Cán bộ xử lý", listed)
    stranger = offices.house.person("Lạ")
    await admin.press("Xác nhận", times=2)
    await stranger.send(f"/start {code}")
    assert "không còn hiệu lực" in stranger.last.text
    await admin.press("Hủy lời mời: Cán bộ xử lý", listed)  # done already
    assert "Cán bộ xử lý" not in admin.last.text
    await stranger.send(f"/start {by_operator}")
    assert await roles_of(database, stranger) == {"editor"}


async def test_many_open_invitations_are_turned_page_by_page(offices: Offices, admin: Chat) -> None:
    for _ in range(9):
        await invited(admin, "officer SYT")
    await admin.send("/moinguoi")
    await admin.press("Lời mời chưa dùng")
    await admin.press("Trang sau")
    assert admin.last.text.count("•") == 1


# --- groups, exports, drafts --------------------------------------------------------------------------------


async def test_a_group_hears_no_more_when_the_role_of_who_linked_it_ends(
    offices: Offices, admin: Chat, clock: SetClock
) -> None:
    second = await hire(offices.house, "Hai", Role.OFFICER, "SNNMT")
    await offices.assigned()
    group = Group(offices)
    await group.say(offices.officer, "/nhom")
    await end(offices, admin, offices.officer, "Cán bộ xử lý")
    assert await group.agency() is None
    assert "không còn được nhắc hạn" in group.texts[-1]
    for chat in (second, offices.leader, offices.editor, admin):
        assert chat.saying("không còn được nhắc hạn của Sở Nông nghiệp và Môi trường: người gắn nhóm, Cán,")
    shown = len(group.shown)
    clock.move(days=11)
    await reminding.remind(offices.house.database)
    await offices.house.deliver()
    assert len(group.shown) == shown
    await group.say(second, "/nhom")  # theirs all the same
    assert await group.agency() == "SNNMT"


async def test_a_group_goes_on_while_who_linked_it_may_still_link_it(offices: Offices, admin: Chat) -> None:
    await hire_again(offices, offices.officer, Role.LEADER)
    group = Group(offices)
    await group.say(offices.officer, "/nhom")
    await end(offices, admin, offices.officer, "Cán bộ xử lý")
    assert await group.agency() == "SNNMT"


async def hire_again(offices: Offices, chat: Chat, role: Role, agency_code: str | None = "SNNMT") -> None:
    async with offices.house.database.work() as work:
        agency = None if agency_code is None else await agencies.by_code(work, agency_code)
        code, _ = await staff.invite(work, role, agency)
    await chat.send(f"/start {code}")
    if "Xác nhận" in chat.last.labels:  # who holds another role is asked
        await chat.press("Xác nhận")


@pytest.mark.parametrize("at", ["asked", "queued", "sent"])
async def test_a_ledger_asked_for_reaches_nobody_who_is_no_admin(
    offices: Offices, admin: Chat, tmp_path: Path, database: Database, at: str
) -> None:
    exports = Exports(offices.house, tmp_path)
    other = await hire(offices.house, "Trị", Role.ADMIN)
    await offices.ask()
    await other.send("/xuatso tất cả")
    if at != "asked":
        await exports.maker.make_all()
    if at == "sent":
        await offices.house.deliver()
        assert [one for one in other.shown if one.checksum]
    async with database.work() as work:
        by = await actor_of(work, await admin.row())
        (held,) = await roles.of_person(work, (await other.row()).id)
        await staff.revoke(work, by, held.id)
    await exports.made()
    await exports.maker.tidy()
    await offices.house.deliver()
    assert not [one for one in other.shown if one.checksum]
    async with database.reading() as work:
        assert not await work.all(sa.select(metadata.tables["ledger_exports"]))


async def test_a_broadcast_being_composed_is_gone(offices: Offices, admin: Chat, database: Database) -> None:
    await offices.editor.send("/thongbao Kính báo bà con")
    await end(offices, admin, offices.editor, "Biên tập viên")
    person = await offices.editor.row()
    async with database.reading() as work:
        assert await drafts.of_person(work, person.id) is None
    await offices.editor.press_data("brs", offices.editor.last.id)
    async with database.reading() as work:
        assert not await work.all(sa.select(metadata.tables["broadcasts"]))


# --- what they have before them -----------------------------------------------------------------------------


NAME, HOUSE = "Nguyễn Thị Mai", "12 Lê Lợi"


async def test_cards_lists_and_files_lose_words_and_buttons(
    offices: Offices, admin: Chat, database: Database
) -> None:
    officer = offices.officer
    await offices.citizen.send(offices.citizen.photo(LAND))
    await offices.citizen.press("Đồng ý")
    await offices.citizen.send(NAME, HOUSE)
    await offices.citizen.press("Bỏ qua")
    await offices.citizen.press("Bỏ qua")
    await offices.citizen.press("Gửi câu hỏi")
    code = "DH-2026-000001"
    await offices.editor.send(f"/chuyen {code} SNNMT")
    card = officer.saying(code)[-1]
    await officer.press("Xem 1 tệp", card)
    await officer.send("/viec", f"/xem {code}", f"/hoithem {code} Xin bà {NAME} cho biết thửa đất số mấy?")
    assert officer.saying(NAME)
    assert officer.saying("sổ đỏ")
    assert offices.house.messenger.files[str(officer.address)]
    await end(offices, admin, officer, "Cán bộ xử lý")
    for words in (NAME, HOUSE, "sổ đỏ"):
        assert officer.saying(words) == []
        async with database.reading() as work:
            person = await officer.row()
            sent = await work.all(sa.select(outbox_table).where(outbox_table.c.person_id == person.id))
            came = await work.all(sa.select(inbox).where(inbox.c.chat == str(officer.address)))
        assert not [row.id for row in sent if words in str(row.content)]
        assert not [row.event for row in came if json.dumps(words)[1:-1] in row.payload]  # as it is kept
    assert offices.house.messenger.files[str(officer.address)] == {}
    assert not [one for one in officer.shown if one.labels]
    # Others have theirs, as before.
    assert offices.editor.saying(NAME)
    await offices.citizen.send(f"/tracuu {code}")
    assert "sổ đỏ" in offices.citizen.last.text


async def test_what_they_may_still_see_stays(offices: Offices, admin: Chat) -> None:
    await hire_again(offices, offices.officer, Role.LEADER)
    await offices.assigned()
    officer = offices.officer
    await officer.send("/hoi Trường học ở xã Hòn Đất bao giờ khai giảng?")
    await officer.press("Đồng ý")
    await officer.send("Trần Văn Cán", "3 Lý Tự Trọng")
    await officer.press("Bỏ qua")
    await officer.press("Bỏ qua")
    await officer.press("Gửi câu hỏi")
    own = "DH-2026-000002"
    before = [(one.id, one.html, one.labels) for one in offices.officer.shown if one.labels]
    await end(offices, admin, offices.officer, "Cán bộ xử lý")
    after = {one.id: (one.id, one.html, one.labels) for one in offices.officer.shown}
    assert [after[id_] for id_, _, _ in before] == before
    await end(offices, admin, offices.officer, "Lãnh đạo cơ quan")
    assert offices.officer.saying(NAME) == []
    assert offices.officer.saying(own)  # their own question, told to them as who asked
    await offices.officer.send(f"/tracuu {own}")
    assert "Trường học" in offices.officer.last.text


async def test_an_admin_who_stays_an_officer_has_no_telephone_before_them_any_more(
    offices: Offices, admin: Chat
) -> None:
    officer = offices.officer
    await hire_again(offices, officer, Role.ADMIN, None)
    await offices.citizen.send(LAND)
    await offices.citizen.press("Đồng ý")
    await offices.citizen.send(NAME, HOUSE, "0912777333")
    await offices.citizen.press("Bỏ qua")
    await offices.citizen.press("Gửi câu hỏi")
    await offices.editor.send("/chuyen DH-2026-000001 SNNMT")
    await officer.send("/xem DH-2026-000001")
    assert officer.saying("0912777333")
    before = len(offices.editor.saying("0912777333"))
    await end(offices, admin, officer, "Quản trị viên")
    assert officer.saying("0912777333") == []
    assert len(offices.editor.saying("0912777333")) == before
    await officer.send("/xem DH-2026-000001")
    assert NAME in officer.last.text


async def test_an_editor_who_stays_admin_has_no_denunciation_before_them_any_more(
    offices: Offices, admin: Chat
) -> None:
    second = await hire(offices.house, "Trị", Role.ADMIN)
    await hire_again(offices, second, Role.EDITOR, None)
    await offices.editor.press("Đồng ý cho xem")
    code = await offices.ask("Tôi tố cáo ông chủ tịch xã nhận hối lộ 50 triệu đồng.")
    await second.send(f"/xem {code}")
    assert second.saying("hối lộ")
    open_one = await offices.ask(LAND, who=offices.house.person("Năm"))
    await second.send(f"/xem {open_one}")
    await end(offices, admin, second, "Biên tập viên")
    assert second.saying("hối lộ") == []
    assert second.saying("sổ đỏ")  # an admin reads it


async def test_what_waits_for_somebody_who_blocked_the_bot_never_comes(
    offices: Offices, admin: Chat, database: Database
) -> None:
    await membership(offices.officer, "kicked")
    await offices.assigned()
    await offices.editor.press("Vẫn chuyển")
    async with database.work() as work:  # more than are looked at one by one
        person = await offices.officer.row()
        held = sa.select(outbox_table).where(
            outbox_table.c.person_id == person.id, outbox_table.c.state == OutboxState.HELD
        )
        (card,) = await work.all(held)
        kept = {name: value for name, value in card._mapping.items() if name != "id"}
        for _ in range(left_chats.UNSENT + left_chats.PIECE + 1):
            await work.run(sa.insert(outbox_table).values(kept))
    await end_by_service(offices, admin, offices.officer)
    shown = len(offices.officer.shown)
    await membership(offices.officer, "member")
    await offices.house.deliver()
    came = offices.officer.shown[shown:]
    assert [one for one in came if "đã kết thúc" in one.text]
    assert not [one for one in came if NAME in one.text or one.labels]


async def end_by_service(offices: Offices, admin: Chat, whose: Chat) -> None:
    async with offices.house.database.work() as work:
        by = await actor_of(work, await admin.row())
        for held in await roles.of_person(work, (await whose.row()).id):
            await staff.revoke(work, by, held.id)
    await offices.house.deliver()


async def test_reminders_and_digests_that_have_not_left_never_do(
    offices: Offices, admin: Chat, clock: SetClock, database: Database
) -> None:
    await offices.assigned()
    clock.move(days=7)  # a Monday, 9:00
    await digests.send_digests(database)
    clock.move(days=4)
    await reminding.remind(database)
    async with database.reading() as work:
        for chat in (offices.officer, offices.editor):
            person = await chat.row()
            waiting = sa.select(outbox_table.c.about, outbox_table.c.kind).where(
                outbox_table.c.person_id == person.id, outbox_table.c.state == OutboxState.QUEUED
            )
            found = await work.all(waiting)
            assert any(row.about == reminding.ABOUT or row.kind == "picture" for row in found)
    for chat in (offices.officer, offices.editor):
        shown = len(chat.shown)
        await end_by_service(offices, admin, chat)
        assert not [one for one in chat.shown[shown:] if one.png or one.labels or "hạn" in one.text]


async def test_script_plans_leave_the_chats_of_who_reads_them_no_more(
    offices: Offices, admin: Chat, database: Database
) -> None:
    async with database.work() as work:
        agency = await agencies.by_code(work, "SNNMT")
        assert agency is not None
        for chat, key in (
            (offices.officer, plan_key(1, agency.id, await offices.officer.row())),
            (offices.leader, plan_key(1, agency.id, await offices.leader.row())),
            (offices.editor, preview_key(1, await offices.editor.row())),
        ):
            await notify.tell_with_document(
                work,
                await chat.row(),
                PlanTakenBack(number="12/2026"),
                b"PK",
                "kich-ban.docx",
                supersedes=key,
            )
    await offices.house.deliver()
    await end_by_service(offices, admin, offices.officer)
    await end_by_service(offices, admin, offices.editor)
    assert [[one.name for one in chat.shown if one.name] for chat in (offices.officer, offices.editor)] == [
        [],
        [],
    ]
    assert [one.name for one in offices.leader.shown if one.name] == ["kich-ban.docx"]


async def test_a_chat_of_thousands_is_cleared_in_pieces_the_newest_first_and_holds_nobody_up(
    offices: Offices, admin: Chat, database: Database
) -> None:
    await offices.assigned()
    async with database.work() as work:
        (base,) = [
            row
            for row in await work.all(sa.select(outbox_table).where(outbox_table.c.about == "card"))
            if row.person_id == (await offices.officer.row()).id
        ]
        kept = {name: value for name, value in base._mapping.items() if name not in ("id", "message_id")}
        many = 4 * left_chats.PIECE
        chat = offices.house.messenger.chats[str(offices.officer.address)]
        for place in range(many):
            chat.append(type(chat[0])(1_000_000 + place, base.content["html"], base.content["buttons"]))
            await work.run(sa.insert(outbox_table).values(kept | {"message_id": str(1_000_000 + place)}))
    officer = offices.officer

    def left() -> int:
        return len(officer.saying(NAME))

    everything = left()
    async with database.work() as work:
        by = await actor_of(work, await admin.row())
        (held,) = await roles.of_person(work, (await officer.row()).id)
        await staff.revoke(work, by, held.id)
    assert await left_chats.go_on(database) == 0  # what was begun is not sent yet: nothing is put on top
    await offices.house.deliver()
    assert 0 < everything - left() <= left_chats.PIECE
    assert NAME not in officer.shown[-2].text  # the newest went first
    rounds = 0
    while await left_chats.go_on(database):
        rounds += 1
        await offices.house.deliver()
    assert left() == 0
    assert rounds >= many // left_chats.PIECE - 1
    async with database.reading() as work:
        waiting = sa.select(roles_table).where(roles_table.c.chat_left_from.is_not(None))
        assert not await work.all(waiting)


async def test_words_that_the_outbox_forgot_long_ago_are_taken_out_of_the_chat_too(
    offices: Offices, admin: Chat, clock: SetClock, database: Database
) -> None:
    await offices.assigned()
    clock.move(days=200)
    async with database.work() as work:
        assert await outbox.forget(work, work.now, 1000)
    assert offices.officer.saying(NAME)
    await end_by_service(offices, admin, offices.officer)
    assert offices.officer.saying(NAME) == []

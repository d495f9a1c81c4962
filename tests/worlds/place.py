"""A small programme with one of everything.

People of every role, a question in each state, all that has a button.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from domain.broadcasts.broadcasts import Audience
from domain.episodes.episodes import EpisodeNumber
from domain.questions.life import Role, Secrecy
from services.broadcasts import broadcasts
from services.deadlines import promises
from services.episodes import episodes, guests, links, selection
from services.operation.loading import LOADERS
from services.people.actors import actor_of
from services.staff import staff
from storage.agencies import agencies
from storage.engine.database import Database
from storage.episodes import episodes as stored_episodes
from storage.episodes import script_plans
from storage.people import roles
from storage.questions import answer_drafts, questions
from storage.tables import consents, link_moments
from storage.tables import extensions as extensions_table
from storage.tables import promises as promises_table
from storage.tables import questions as questions_table
from tests.worlds.arranged import arranged
from tests.worlds.chat import Chat, House
from tests.worlds.offices import Offices, hire
from tests.worlds.rules import rules

SAMPLES = Path(__file__).parent.parent.parent / "samples"

# Words that only some may ever read. What is published is another question's.
TEXT = "Đường Cọ Biếc ngập nước từ tháng 5"
PUBLIC_TEXT, PUBLIC_ANSWER = "Đèn đường Sậy Vàng hỏng", "Đèn sẽ được thay"
NAME = "Nguyễn Thị Mai Kín"
ADDRESS = "7 hẻm Ngọc Thố"
CONTACT = "0912777333"
DRAFT = "Nước cống Ba Bàu sẽ được khơi"
NOTE = "Xin hỏi rõ đoạn Cầu Nhum"

# Everybody may do as much as they like: how much is tests/handlers/chat/test_rate_limit.py.
UNLIMITED = rules(
    messages_per_minute=0,
    staff_messages_per_minute=0,
    questions_per_day=0,
    files_per_day=0,
)

STATES = ("rece", "assi", "wait", "lead", "edit", "answ", "publ", "extn", "hand", "post", "corr")


@dataclass(frozen=True)
class Place:
    """The ids of people (of Telegram users), and of all that a button may name."""

    people: dict[str, int]
    codes: dict[str, str]
    ids: dict[str, int | str]


async def settle(database: Database, application: Any) -> Place:
    """Make the place by the real bot, or copy it for another test."""
    return await arranged(database, "a place with one of everything", lambda: _settled(database, application))


async def _settled(database: Database, application: Any) -> Place:
    house = House(database, application)
    offices = await Offices.open(house)
    editor, officer, leader, asker = offices.editor, offices.officer, offices.leader, offices.citizen
    chats = {
        "asker": asker,
        "citizen": house.person("Dân"),
        "officer": officer,
        "leader": leader,
        "coord": await hire(house, "Phối", Role.OFFICER, "SXD"),
        "outside": await hire(house, "Ngoài", Role.OFFICER, "SYT"),
        "revoked": await hire(house, "Thôi", Role.OFFICER, "SNNMT"),
        "editor": editor,
        "admin": await hire(house, "Quản", Role.ADMIN),
    }
    await chats["citizen"].send("/start")
    codes = await _questions(offices, chats)
    ids = await _things(database, chats, codes)
    await _revoke(database, chats)
    addresses = {who: chat.address for who, chat in chats.items()} | {"unknown": 999_001}
    return Place(addresses, codes, ids)


async def _questions(offices: Offices, chats: dict[str, Chat]) -> dict[str, str]:
    asker, editor, officer = chats["asker"], chats["editor"], chats["officer"]
    await asker.send(TEXT)
    await asker.press("Đồng ý")
    await asker.send(NAME, ADDRESS, CONTACT)
    await asker.press("Bỏ qua")
    await asker.press("Gửi câu hỏi")
    codes = {"rece": "DH-2026-000001"}
    for state in STATES[1:8]:
        text = PUBLIC_TEXT if state == "publ" else f"{TEXT} ({state})"
        await asker.send(asker.photo(text))
        await asker.press("Gửi câu hỏi")
        codes[state] = code = f"DH-2026-{len(codes) + 1:06d}"
        await editor.send(f"/chuyen {code} SNNMT SXD")
    await officer.send(f"/hoithem {codes['wait']} {NOTE}")
    await officer.send(f"/giahan {codes['extn']} 3 Chờ đo đạc lại")
    for state in ("lead", "edit", "answ", "publ"):
        words = f"/traloi {codes[state]} {PUBLIC_ANSWER if state == 'publ' else DRAFT}"
        await officer.send(officer.photo(words) if state == "answ" else words)
    for state in ("edit", "answ", "publ"):
        await chats["leader"].send(f"/duyet {codes[state]}")
    for state in ("answ", "publ"):
        await editor.send(f"/duyet {codes[state]}")
    await asker.press("Đồng ý")  # that the last one is published
    await editor.send(f"/congkhai {codes['publ']}")
    await editor.press("Xác nhận")
    for state in ("hand", "post"):
        codes[state] = f"DH-2026-{len(codes) + 1:06d}"
        await editor.send("/nhaptay")
        await editor.press("Thư")
        await editor.send(f"{TEXT} ({state})", NAME, ADDRESS, CONTACT)
        await editor.press("Bỏ qua")
        await editor.press("Xác nhận")
        await editor.send(f"/chuyen {codes[state]} SNNMT SXD")
    await officer.send(f"/hoithem {codes['hand']} {NOTE}")
    await officer.send(f"/traloi {codes['post']} {DRAFT}")
    await chats["leader"].send(f"/duyet {codes['post']}")
    await editor.send(f"/duyet {codes['post']}")
    await officer.send(f"/hua {codes['answ']} 30/12/2026 Khơi xong cống")
    await asker.send(asker.photo(f"{TEXT} (corr)"))
    await asker.press("Gửi câu hỏi")
    codes["corr"] = f"DH-2026-{len(codes) + 1:06d}"
    await editor.send(f"/chuyen {codes['corr']} SNNMT SXD")
    await officer.send(f"/traloi {codes['corr']} {DRAFT}")
    await chats["leader"].send(f"/duyet {codes['corr']}")
    await editor.send(f"/duyet {codes['corr']}")
    await officer.send(f"/dinhchinh {codes['corr']} {DRAFT} sớm", "Nhầm ngày")  # waits for the leader
    return codes


async def _things(database: Database, chats: dict[str, Chat], codes: dict[str, str]) -> dict[str, int | str]:
    editor_row = await chats["editor"].row()
    officer_row = await chats["officer"].row()
    ids: dict[str, int | str] = {}
    async with database.work() as work:
        editor = await actor_of(work, editor_row)
        for state, code in codes.items():
            row = await questions.by_code(work, 2026, int(code[-6:]))
            assert row is not None
            ids[state] = row.id
            if row.answer_id:
                ids[f"answer of {state}"] = row.answer_id
        waiting = await answer_drafts.open_of(work, int(ids["corr"]))
        assert waiting is not None
        ids["correction"] = waiting.id
        await LOADERS["slots"](work, (SAMPLES / "slots.csv").read_text(encoding="utf-8"))
        episode = await episodes.create(work, editor, EpisodeNumber(2026, 12), "Thoát nước")
        ids["episode"] = episode.id
        for state in ("answ", "publ", "assi"):
            await selection.choose(work, editor, episode.id, int(ids[state]))
        await guests.add(work, editor, episode.id, "SNNMT; Lê Văn Khách; Phó Giám đốc")
        (guest,) = await guests.coming(work, episode.id)
        ids["guest"] = guest.id
        link, _ = await links.add_link(
            work, editor, episode.id, "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
        )
        ids["link"] = link.id
        await work.run(sa.insert(link_moments).values(link_id=link.id, question_id=ids["answ"], seconds=30))
        recording = work.now + timedelta(days=30)
        await stored_episodes.update(work, episode.id, recording_at=recording, plan_due_at=recording)
        plan = await script_plans.add(work, episode.id, 1, b"PK", due_at=work.now, sent_by=editor.id)
        lead = await agencies.by_code(work, "SNNMT")
        assert lead is not None
        ids["agency"] = lead.id
        ids["receipt"] = await script_plans.add_receipt(work, plan, lead.id, lead.name, work.now)
        ids["broadcast"] = await broadcasts.compose(work, editor, html="Kính báo", audience=Audience.ALL)
        # Of the editor, and for somebody else to agree to.
        ids["waiting"] = await broadcasts.compose(work, editor, html="Gửi OTP", audience=Audience.ALL)
        ids["request"] = await work.value(
            sa.select(extensions_table.c.id).where(extensions_table.c.question_id == ids["extn"])
        )
        ids["promise"] = await work.value(
            sa.select(promises_table.c.id).where(promises_table.c.question_id == ids["answ"])
        )
        ids["consent"] = await work.value(
            sa.select(sa.func.min(consents.c.id)).where(
                consents.c.person_id == (await chats["asker"].row()).id
            )
        )
        # What the officer did a moment ago, to undo.
        work.programme = replace(work.programme, undo_seconds=600)
        officer = await actor_of(work, officer_row)
        case = await promises.record(work, officer, int(ids["publ"]), date(2026, 12, 29), "Thay nắp cống")
        assert case.undo is not None
        ids["undo"] = case.undo.undo_id
        await staff.invite(work, Role.LEADER, lead)
        ids["invitation"] = (await roles.open_invitations(work))[0].id
        ids["role"] = (await roles.of_person(work, officer_row.id))[0].id
    return ids


async def _revoke(database: Database, chats: dict[str, Chat]) -> None:
    person, admin = await chats["revoked"].row(), await chats["admin"].row()
    async with database.work() as work:
        (held,) = await roles.of_person(work, person.id)
        await roles.revoke(work, held.id, admin.id)


async def make_all(database: Database, secrecy: Secrecy) -> None:
    """Give every question this secrecy.

    Not every state comes about in life; each is refused or permitted.
    """
    async with database.work() as work:
        await work.run(sa.update(questions_table).values(secrecy=secrecy))

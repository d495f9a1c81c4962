"""Whole stories of the real bot as a process: what its log, its commands' JSON and everybody's chats must not hold."""

import io
import re
import socket
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.loops.receiver import SECRET_HEADER
from sandbox.client import User
from tests.worlds.office import TOKEN, Office, ask, code_in, opened

# Each stands nowhere else, and so is found wherever it leaks.
NAME, ADDRESS, PHONE = "Trần Thị Kim Oanh", "hẻm Ba Lá 77", "0987123456"
WORDS, FILE = "sổ đỏ thửa Vàm Rầy", "don-xin-kim-oanh.pdf"
DENOUNCER, DENOUNCED = "Lý Thị Ẩn Danh", "nhận hối lộ ở cầu Bà Đắc"
FLAGGED = "chuyện riêng ở kinh Ông Cò"
ANSWER = "Thửa đất nhà bà Năm Sộp đã đo xong."


@pytest.fixture
async def bureau(tmp_path: Path, database_url: str) -> AsyncIterator[Office]:
    async with opened(tmp_path, database_url) as one:
        yield one


async def asks(citizen: User, text: str, name: str, contact: str) -> str:
    """A newcomer asks, with a contact and a document."""
    await citizen.send(text)
    await citizen.wait_for("Đồng ý")
    await citizen.press("Đồng ý")
    await citizen.wait_for("cho biết họ và tên")
    await citizen.send(name)
    await citizen.wait_for("cho biết địa chỉ")
    await citizen.send(ADDRESS)
    await citizen.wait_for("Bỏ qua")
    await citizen.send(contact)
    await citizen.wait_for("lĩnh vực nào")
    await citizen.press("Bỏ qua")
    await citizen.wait_for("Gửi câu hỏi")
    await citizen.upload(b"%PDF", name=FILE)
    await citizen.wait_for("Gửi câu hỏi")
    await citizen.press("Gửi câu hỏi")
    return code_in((await citizen.wait_for(re.compile(r"/tracuu DH-"))).text)


async def chats_of(office: Office, without: set[int]) -> dict[str, str]:
    """All that stands in everybody's chat now, but in these."""
    found = {}
    for one in await office.sandbox.users():
        if one.id not in without:
            found[one.name] = "\n".join(
                " ".join([message.text, *message.labels, *(file.name for file in message.files)])
                for message in await one.messages()
            )
    return found


async def export(admin: User) -> str:
    """The ledger as a spreadsheet, as an admin's app gets it: all of its parts, unzipped."""
    await admin.send("/xuatso tất cả")
    sent = await admin.wait_for("Tệp có thông tin cá nhân")
    with zipfile.ZipFile(io.BytesIO(await admin.sandbox.download(sent.files[0]))) as parts:
        return "\n".join(parts.read(name).decode() for name in parts.namelist())


async def look_around(person: User, code: str) -> None:
    """Every way to a question that people know of."""
    typed = (
        "/moi",
        "/viec",
        "/duyet",
        "/quahan",
        f"/xem {code}",
        f"/tracuu {code}",
        "/hoidap hối lộ",
        "/nhatky",
    )
    for text in (
        *typed,
        "/xemlai hối lộ",
        "/kyphat",
        "/thongbao",
        "/tinhtrang",
        "/cuatoi",
        "/baocao",
        "/xuatso",
    ):
        await person.send(text)
    await person.sandbox.settled()


async def test_a_denunciation_is_read_by_editors_alone_and_the_log_holds_nobodys_words(
    bureau: Office,
) -> None:
    office = bureau
    editor = await office.staff("Võ Ngọc Lan", "editor")
    admin = await office.staff("Đỗ Quản Trị", "admin")
    officer = await office.staff("Trần Văn Bình", "officer", "SNNMT")
    leader = await office.staff("Phạm Thu Hà", "leader", "SNNMT")
    invited = await office.command("invite", "--role", "editor", "--json")
    citizen, denouncer = await office.sandbox.user("Oanh"), await office.sandbox.user("Ẩn")
    other = await office.sandbox.user("Tư")
    await other.send("/dangky")

    code = await asks(citizen, f"Xin hỏi {WORDS} bao giờ xong?", NAME, PHONE)
    hidden = await asks(denouncer, f"Tôi tố cáo ông chủ tịch xã {DENOUNCED}.", DENOUNCER, PHONE)
    flagged = await asks(await office.sandbox.user("Cò"), f"Xin hỏi {FLAGGED}.", "Ông Cò", PHONE)
    for one in (code, flagged):
        await editor.send(f"/chuyen {one} SNNMT")
        await officer.wait_for(one, since_action=False)
    await officer.send(f"/xem {flagged}")
    await officer.wait_for(FLAGGED)
    await officer.press("Nghi tố cáo")
    await editor.send(f"/xem {hidden}")
    await editor.wait_for(DENOUNCED)  # editors read it
    await officer.send(f"/traloi {code} {ANSWER}")
    await leader.wait_for("Năm Sộp", since_action=False)
    await leader.send(f"/duyet {code}")
    await editor.wait_for("Năm Sộp")
    await editor.send(f"/duyet {code}")
    await citizen.wait_for("Năm Sộp", since_action=False)
    for person in (admin, officer, leader, other):
        for one in (hidden, flagged):
            await look_around(person, one)
    for days in (1, 4, 7, 20):  # digests by day and by week, reminders, what is overdue
        at = datetime.now().astimezone() + timedelta(days=days)
        await office.command("tick", "--now", at.replace(hour=9).isoformat(timespec="seconds"), "--json")
    exported = await export(admin)
    await office.sandbox.inject({"update_id": 999_999_999, "message": {"text": WORDS, "from": NAME}})
    await office.sandbox.settled()

    printed = [
        (await office.call(*arguments))[1]
        for arguments in (
            ("questions", "--json"), ("question", hidden, "--json"), ("question", flagged, "--json"),
            ("broadcasts", "--json"), ("doctor", "--json"),
        )
    ]  # fmt: skip
    printed.append(exported)
    assert WORDS in printed[0]
    assert WORDS in exported
    seen = await chats_of(office, without={editor.id, denouncer.id})
    cleared = {"Cò"}  # theirs
    for words in (DENOUNCED, DENOUNCER, "Bà Đắc"):
        assert not any(words in text for text in printed)
        assert not [who for who, text in seen.items() if words in text]
    assert not any(FLAGGED in text for text in printed)
    assert not [who for who, text in seen.items() if FLAGGED in text and who not in cleared]

    log = office.log() + "".join(file.read_text("utf-8") for file in sorted(office.folder.glob("*.err")))
    assert '"event": "refused"' in log
    assert '"event": "update_unreadable"' in log
    secrets = [TOKEN, TOKEN.split(":")[1], invited["code"], invited["link"] or invited["code"]]
    for words in (*secrets, NAME, ADDRESS, PHONE, WORDS, FILE, DENOUNCER, DENOUNCED, FLAGGED, ANSWER, "Oanh"):
        assert words not in log, f"the log holds {words!r}"


async def test_what_goes_wrong_is_logged_without_words_token_or_webhook_secret(bureau: Office) -> None:
    """By webhook: forged calls, a messenger that fails, a database that fails while rows are written."""
    office, secret = bureau, "s3cret-of-the-webhook-77"
    await office.stop()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    office.settings |= {
        "DANHOI_TELEGRAM__MODE": "webhook",
        "DANHOI_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "DANHOI_TELEGRAM__WEBHOOK_LISTEN": f"127.0.0.1:{port}",
        "DANHOI_TELEGRAM__WEBHOOK_SECRET": secret,
    }
    await office.start()
    citizen = await office.sandbox.user("Oanh")
    await office.sandbox.fault("500", "sendMessage", 2)
    await ask(citizen, f"Xin hỏi {WORDS}.", name=NAME)
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/hook"
        forged = {"update_id": 5, "message": {"text": WORDS}}
        answers = []
        for given in (None, "", secret[:-1], secret + "x", secret.upper(), "ŝ3cret"):
            headers = {} if given is None else {SECRET_HEADER: given}
            async with session.post(url, json=forged, headers=headers) as answer:
                answers.append(answer.status)
        assert answers == [403] * 6
        async with session.get(url, headers={SECRET_HEADER: secret}) as answer:
            assert answer.status == 405
        for raw, status in ((b"\x00" * (2 << 20), 413), (b"[" * 5000, 200), (b"\xff\xfe", 200), (b"", 200)):
            async with session.post(url, data=io.BytesIO(raw), headers={SECRET_HEADER: secret}) as answer:
                assert answer.status == status
        for odd in (2**70, -1, True, "5", None, 1.5):
            body = {"update_id": odd, "message": {"text": WORDS}}
            async with session.post(url, json=body, headers={SECRET_HEADER: secret}) as answer:
                assert answer.status == 200
    await citizen.send("/cuatoi")
    await citizen.wait_for(WORDS[:12])
    log = office.log()
    assert 1 <= log.count("webhook_secret_wrong") < 6  # the 1st, 2nd and 4th of a minute
    for words in (secret, TOKEN, TOKEN.split(":")[1], NAME, WORDS, "Traceback"):
        assert words not in log, f"the log holds {words!r}"

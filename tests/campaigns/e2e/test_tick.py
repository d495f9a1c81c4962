"""`./danhoi tick` beside a running bot and without one: what is due reaches people's telephones, once."""

from datetime import datetime, timedelta

from sandbox.client import User
from tests.worlds.office import Office, ask


async def given_to_an_agency(office: Office) -> tuple[str, User]:
    """A question in an officer's hands; (its code, the officer)."""
    editor = await office.staff("Biên", "editor")
    officer = await office.staff("Cán", "officer", "SNNMT")
    code = await ask(await office.sandbox.user("Mai"))
    await editor.send(f"/chuyen {code} SNNMT")
    await officer.wait_for(code)
    return code, officer


async def reminders(officer: User) -> list[str]:
    return [message.text for message in await officer.messages() if "Nhắc hạn" in message.text]


async def test_a_tick_beside_a_running_bot_reminds_once_and_the_bot_delivers_it(office: Office) -> None:
    code, officer = await given_to_an_agency(office)
    due = datetime.fromisoformat((await office.question(code))["due_at"])
    morning = due.replace(hour=9).isoformat()
    done = await office.command("tick", "--now", morning, "--json")
    assert (done["reminded"], done["sent"]) == (1, 0)
    message = await officer.wait_for("Nhắc hạn")
    assert code in message.text
    again = await office.command("tick", "--now", morning, "--json")
    assert not any(again.values())
    assert len(await reminders(officer)) == 1


async def test_where_no_bot_runs_the_tick_delivers_what_it_queued_and_leaves(office: Office) -> None:
    code, officer = await given_to_an_agency(office)
    due = datetime.fromisoformat((await office.question(code))["due_at"])
    await office.stop()
    done = await office.command("tick", "--now", due.replace(hour=9).isoformat(), "--json")
    assert done["reminded"] == 1
    assert done["sent"] >= 1
    assert len(await reminders(officer)) == 1
    late = await office.command("questions", "--json", "--overdue")
    assert late == []
    await office.command("tick", "--now", (due + timedelta(days=7)).replace(hour=9).isoformat(), "--json")
    assert len(await reminders(officer)) == 2
    assert (await reminders(officer))[-1].count(code) == 1


async def test_where_no_bot_runs_the_tick_delivers_broadcasts_too(office: Office) -> None:
    citizen = await office.sandbox.user("Mai")
    await citizen.send("/trogiup")
    await citizen.wait_for("/cuatoi")
    gone = await office.sandbox.user("Ba")
    await gone.send("/trogiup")
    await gone.wait_for("/cuatoi")
    await office.stop()
    await gone.block()
    (office.folder / "tin.txt").write_text("Lên sóng lúc 20:00", "utf-8")
    await office.command("broadcast", "--text-file", "tin.txt", "--to", "all", "--json")
    assert (await office.command("tick", "--json"))["sent"] == 1
    message = await citizen.wait_for("Lên sóng lúc 20:00", since_action=False)
    assert message.labels == ["Ngừng nhận tin này"]
    assert not any((await office.command("tick", "--json")).values())
    (row,) = await office.command("broadcasts", "--json")
    assert (row["status"], row["recipients"], row["sent"], row["blocked"]) == ("done", 2, 1, 1)


async def test_a_moment_that_is_none_is_wrong_usage(office: Office) -> None:
    status, out, _err = await office.call("tick", "--now", "hôm qua")
    assert (status, out) == (2, "")

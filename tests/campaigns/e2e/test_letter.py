"""An answer as a letter, which names whom it answers: over the real bot, with a real file."""

from tests.worlds.office import Office, ask

LETTER = b"%PDF-1.4\n% Kinh gui ba Le Thi Mai\n"


async def test_a_letter_goes_to_whom_it_answers_and_to_who_asked_the_same_after_a_look(
    office: Office,
) -> None:
    editor = await office.staff("Võ Ngọc Lan", "editor")
    officer = await office.staff("Trần Văn Bình", "officer", "SNNMT")
    leader = await office.staff("Phạm Thu Hà", "leader", "SNNMT")
    mai, tu = await office.sandbox.user("Mai"), await office.sandbox.user("Tư")

    first = await ask(mai)
    await editor.wait_for(first, since_action=False)
    await editor.send(f"/chuyen {first} SNNMT")
    same = await ask(tu, name="Trần Văn Tư")
    await editor.wait_for(same)
    await editor.send(f"/gop {same} {first}")
    await editor.press("Xác nhận")
    await tu.wait_for(first)
    await officer.wait_for(first, since_action=False)
    await officer.upload(LETTER, name="cong-van.pdf", caption=f"/traloi {first} Có trước ngày 30/11/2026.")
    await leader.wait_for("30/11/2026")
    await leader.press("Duyệt")
    await editor.wait_for("30/11/2026")
    await editor.press("Duyệt")

    letter = await mai.wait_until(lambda message: bool(message.files), "the letter", since_action=False)
    assert await office.sandbox.download(letter.files[0]) == LETTER
    await tu.wait_for("Tệp chưa gửi: 1", since_action=False)
    held = await editor.wait_for("Tệp kèm câu trả lời cần xem")
    await editor.wait_until(lambda message: bool(message.files), "the letter", since_action=False)
    assert not [message for message in await tu.messages() if message.files]

    await editor.press("Gửi tệp cho người hỏi cùng", message=held)
    passed_on = await tu.wait_until(lambda message: bool(message.files), "the letter", since_action=False)
    assert await office.sandbox.download(passed_on.files[0]) == LETTER
    assert (await office.question(first))["history"][-1]["event"] == "files_passed_on"
    assert (await office.sandbox.counters())["refused"] == 0

"""The main job, whole: from a citizen's message to the agency's answer, its rating and its publication."""

from tests.worlds.office import LAND, Office, ask

ANSWER = "Hồ sơ của ông/bà đã được duyệt ngày 20/10/2026. Mời ông/bà nhận kết quả tại Trung tâm."


async def test_a_question_travels_from_the_citizen_to_the_agency_and_back(office: Office) -> None:
    editor = await office.staff("Võ Ngọc Lan", "editor")
    officer = await office.staff("Trần Văn Bình", "officer", "SNNMT")
    leader = await office.staff("Phạm Thu Hà", "leader", "SNNMT")
    citizen = await office.sandbox.user("Mai")

    code = await ask(citizen)
    await editor.wait_for(code, since_action=False)
    await editor.press("Sở NN&MT")  # field and agency are known: one tap
    await citizen.wait_for("Sở Nông nghiệp và Môi trường")

    card = await officer.wait_for(code, since_action=False)
    await officer.press("Nhận xử lý", message=card)
    await officer.send(ANSWER, reply_to=card.id)
    await leader.wait_for(ANSWER[:20], since_action=False)
    await leader.press("Duyệt")
    await editor.wait_for(ANSWER[:20])
    await editor.press("Duyệt")

    answer = await citizen.wait_for("Mời ông/bà nhận kết quả")
    await citizen.press("5 ★", message=answer)
    await citizen.wait_for("5")
    await citizen.press("Đồng ý công khai")
    await citizen.wait_for(code)
    await editor.send(f"/congkhai {code}")
    await editor.wait_for("Xác nhận")
    await editor.press("Xác nhận")
    await editor.wait_for(code)

    ledger = await office.question(code)
    assert ledger["status"] == "answered"
    assert ledger["text"] == LAND
    assert ledger["lead_agency"] == "SNNMT"
    assert ledger["answer"]["text"] == ANSWER
    assert ledger["rating"] == 5
    assert ledger["published_at"] is not None
    assert [row["event"] for row in ledger["history"]] == [
        "received",
        "assigned",
        "accepted",
        "submitted",
        "approved",
        "approved",
        "answered",
        "rated",
        "consented_to_publication",
        "published",
    ]
    assert (await office.sandbox.counters())["refused"] == 0


async def test_an_editor_finds_new_questions_behind_one_message_that_counts_them(office: Office) -> None:
    assert await office.stop() == 0
    del office.settings["DANHOI_INTAKE__NOTIFY"]  # as it is where nobody says otherwise
    await office.start()
    editor = await office.staff("Võ Ngọc Lan", "editor")
    await office.staff("Trần Văn Cán", "officer", "SNNMT")
    mai, soc = await office.sandbox.user("Mai"), await office.sandbox.user("Danh Sóc")

    first = await ask(mai)
    counted = await editor.wait_for("1 câu mới", since_action=False)
    second = await ask(soc)
    changed = await editor.wait_for("2 câu mới", since_action=False)
    assert changed.id == counted.id
    await editor.press("Mở câu hỏi mới", message=changed)
    listed = await editor.wait_for(second)
    assert first in listed.text
    await editor.press(first, message=listed)
    card = await editor.wait_for("Máy gợi ý chuyển")
    await editor.press("Sở NN&MT", message=card)
    await mai.wait_for("Sở Nông nghiệp và Môi trường")
    assert (await office.question(first))["status"] == "assigned"
    assert (await office.sandbox.counters())["refused"] == 0

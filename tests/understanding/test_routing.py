"""Who should answer: by the model, by names and aliases, and by the places a text names."""

import pytest

from understanding import samples
from understanding.loading import shipped
from understanding.routing import FieldNames, Office, Offices


def office(row: dict[str, str], **changed: object) -> Office:
    names = (row["name"], row["short_name"], *row["aliases"].split("|"), *row["predecessors"].split("|"))
    values = {
        "code": row["code"],
        "names": tuple(filter(None, names)),
        "fields": tuple(filter(None, row["fields"].split("|"))),
        "communal": row["level"] == "commune",
        "learnt": (row["code"],),
    }
    return Office(**(values | changed))  # type: ignore[arg-type]


ROWS = {row["code"]: row for row in samples.rows("agencies.csv")}
TOPICS = tuple(FieldNames(row["code"], tuple(row["name"].split(","))) for row in samples.rows("fields.csv"))
PROVINCE = Offices(tuple(map(office, ROWS.values())), TOPICS, shipped())
WITHOUT_MODEL = Offices(PROVINCE.offices, TOPICS, None)


def first(text: str, offices: Offices = PROVINCE, address: str = "") -> str:
    return next(iter(offices.routes(text, address).agencies), ("", 0.0))[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rác đổ đầy đường hôi quá", "SNNMT"),
        ("the bhyt cua con em chua co", "BHXH"),
        ("lam lai cccd o dau", "CAT"),
        ("cúp điện hoài không báo trước", "DIENLUC"),
        ("nuoc may yeu qua 3 ngay nay", "CAPNUOC"),
        ("học phí trường công năm nay bao nhiêu", "SGDDT"),
        ("kham nghia vu quan su khi nao", "BCHQS"),
        ("chuong trinh dan hoi phat luc may gio", "DAI"),
    ],
)
def test_everyday_words_lead_to_the_agency_that_answers(text: str, code: str) -> None:
    assert first(text) == code


def test_a_hamlet_s_road_goes_to_the_commune_that_is_named() -> None:
    assert first("đường vào ấp Kênh 5 xã Hòn Đất hư nát") == "X-HONDAT"
    assert first("duong vao ap kenh 5 xa hon dat hu nat") == "X-HONDAT"


def test_an_old_name_of_a_place_leads_to_the_commune_of_today() -> None:
    former = next(
        name for name in samples.places()["Xã Gò Quao"] if name.startswith("Xã ") and name != "Xã Gò Quao"
    )
    assert first(f"đèn đường ấp tôi tắt cả tháng, {former}") == "X-GOQUAO"


def test_the_name_of_a_former_district_means_first_the_commune_that_has_it_today() -> None:
    named = [code for code, _ in PROVINCE.routes("den duong trong ap o hon dat tat ca thang nay").agencies]
    assert named[0] == "X-HONDAT"
    assert "P-VINHTHONG" not in named


def test_where_somebody_lives_counts_when_the_question_names_no_place() -> None:
    text = "đèn đường trước nhà tôi hư cả tháng, ấp báo hoài không ai sửa"
    assert "P-RACHGIA" not in dict(PROVINCE.routes(text).agencies)
    assert "P-RACHGIA" in dict(PROVINCE.routes(text, "12 Lê Lợi, phường Rạch Giá").agencies)


def test_an_agency_that_ended_leads_to_who_took_its_place() -> None:
    heir = Office("SGTVT-MOI", ("Sở Giao thông mới",), ("giao-thong",), learnt=("SGTVT-MOI", "SXD"))
    others = [one for one in PROVINCE.offices if one.code != "SXD"]
    changed = Offices((*others, heir), TOPICS, shipped())
    text = "Đường tỉnh 943 đầy ổ gà, khi nào sở sửa?"
    assert first(text) == "SXD"
    assert first(text, changed) == "SGTVT-MOI"


def test_a_new_agency_is_reached_through_its_field_and_its_names_before_anything_is_learnt() -> None:
    new = Office("SDU-MOI", ("Sở Du lịch mới", "tàu ra đảo"), ("du-lich",), learnt=("SDU-MOI",))
    others = [one for one in PROVINCE.offices if one.code != "SDL"]
    changed = Offices((*others, new), TOPICS, shipped())
    assert first("hướng dẫn viên chặt chém khách du lịch, tour không đúng hợp đồng", changed) == "SDU-MOI"


def test_without_a_model_names_and_aliases_still_suggest() -> None:
    assert first("cho hỏi về căn cước và hộ khẩu", WITHOUT_MODEL) == "CAT"
    fields = WITHOUT_MODEL.routes("hỏi về đất đai").fields
    assert fields[0][0] == "dat-dai"


def test_weights_are_between_nothing_and_one_and_the_best_come_first() -> None:
    for text in ("", "a", "đường", "Sở Y tế Sở Xây dựng Sở Tư pháp", "x " * 3000):
        for ranked in (PROVINCE.routes(text).agencies, PROVINCE.routes(text).fields):
            weights = [weight for _code, weight in ranked]
            assert weights == sorted(weights, reverse=True)
            assert all(0 <= weight <= 1 for weight in weights)
            assert len(ranked) <= 5

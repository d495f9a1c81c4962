"""The sentences that the model learns from: their form, their balance, and that none stands there twice."""

from collections import Counter

import pytest

from domain.vietnamese.screening import Emergency
from domain.vietnamese.text import words
from understanding import samples
from understanding.samples import COMMUNE, SECOND
from understanding.screening import KINDS

AGENCIES = {row["code"] for row in samples.rows("agencies.csv")}
FIELDS = {row["code"] for row in samples.rows("fields.csv")}
ROUTED, SCREENED = samples.routed(), samples.screened()
GROUPS, TALK = samples.groups(), samples.small_talk()


TEXTS = [one.text for one in ROUTED] + [one.text for one in SCREENED]
SECOND_TEXTS = [one.text for one in samples.routed(SECOND)] + [one.text for one in samples.screened(SECOND)]


def key(text: str) -> str:
    return " ".join(words(text)) or text


def test_there_are_as_many_as_a_model_needs_by_several_writers() -> None:
    assert len(ROUTED) >= 1500
    assert len(SCREENED) >= 1500
    assert len(GROUPS) >= 150
    assert len(TALK) >= 200
    assert len({one.writer for one in ROUTED}) >= 4


def test_every_label_is_a_code_of_the_sample_agencies_and_fields() -> None:
    for one in (*ROUTED, *samples.routed(SECOND)):
        assert one.agencies, one.text
        assert set(one.agencies) <= AGENCIES | {COMMUNE}, one.text
        assert one.field is None or one.field in FIELDS, one.text


def test_every_kind_and_emergency_is_known() -> None:
    for one in (*SCREENED, *samples.screened(SECOND)):
        assert {one.kind, *one.also} <= set(KINDS), one.text
        assert set(one.emergency) <= set(Emergency), one.text
        assert bool(one.emergency) or "emergency" not in (one.kind, *one.also), one.text


def test_every_agency_of_the_province_and_every_field_is_asked_about() -> None:
    by_agency = Counter(one.agencies[0] for one in ROUTED)
    by_field = Counter(one.field for one in ROUTED)
    provincial = {row["code"] for row in samples.rows("agencies.csv") if row["level"] != "commune"}
    assert min(by_agency[code] for code in provincial) >= 36
    assert by_agency[COMMUNE] >= 200
    assert min(by_field[code] for code in FIELDS) >= 36


def test_every_kind_and_every_emergency_is_there_often() -> None:
    kinds = Counter(kind for one in SCREENED for kind in (one.kind, *one.also))
    assert min(kinds[kind] for kind in ("question", "complaint", "denunciation", "emergency")) >= 280
    assert min(kinds.values()) >= 30
    emergencies = Counter(kind for one in SCREENED for kind in one.emergency)
    assert min(emergencies[kind] for kind in Emergency) >= 30


def test_people_write_short_and_long_and_often_without_marks() -> None:
    assert sum(len(text) > 120 for text in TEXTS) / len(TEXTS) > 0.25
    assert sum(len(text) < 45 for text in TEXTS) / len(TEXTS) > 0.1
    assert sum(text.isascii() for text in TEXTS) / len(TEXTS) > 0.25


@pytest.mark.parametrize(
    "texts",
    [[one.text for one in ROUTED], [one.text for one in SCREENED], [one.text for one in TALK]],
    ids=["routing", "screening", "small talk"],
)
def test_no_sentence_stands_there_twice(texts: list[str]) -> None:
    assert [text for text, count in Counter(map(key, texts)).items() if count > 1] == []


def test_the_second_set_holds_nothing_of_the_first() -> None:
    first = set(map(key, TEXTS)) | {key(text) for one in GROUPS for text in one.texts}
    assert len(SECOND_TEXTS) >= 600
    assert [text for text in SECOND_TEXTS if key(text) in first] == []


def test_a_group_asks_the_same_in_several_ways_beside_what_only_looks_like_it() -> None:
    for one in GROUPS:
        assert len(one.texts) >= 4, one
        assert len(one.near) >= 2, one
        assert len({key(text) for text in (*one.texts, *one.near)}) == len(one.texts) + len(one.near), one

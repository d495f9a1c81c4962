"""Words that people type: the same keys in every language, one meaning in a table, all of them used and understood."""

import ast
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest

from domain.episodes.links import LinkKind
from domain.questions.life import Role
from domain.vietnamese.text import fold, phrase_at_front
from messages.typed import either, forms, marked, meanings, of_language
from messages.words import LANGUAGES

ROOT = Path(__file__).parents[2]
TABLES = sorted(of_language("vi"))
KINDS = meanings("link_kind", {kind.value: kind for kind in LinkKind})
ROLES = meanings("role", {role.value: role for role in Role})


def used() -> dict[str, set[str]]:
    """The keys of each table that the code asks for by name."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (path for room in ("handlers", "services", "bot") for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            said = [str(one.value) for one in node.args if isinstance(one, ast.Constant)]
            if node.func.id == "meanings":  # raises where the keys are others than those of the table
                found[said[0]] |= of_language("vi")[said[0]].keys()
            elif node.func.id in ("forms", "marked") and len(said) == 2:
                found[said[0]].add(said[1])
            elif node.func.id == "episode_verb":
                found["episode_verb"].add(said[0])
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_tables_and_keys(language: str) -> None:
    keys = {table: list(rows) for table, rows in of_language(language).items()}
    assert keys == {table: list(rows) for table, rows in of_language("vi").items()}


@pytest.mark.parametrize("table", TABLES)
def test_a_word_has_one_meaning_in_a_table_whatever_its_language(table: str) -> None:
    meant: dict[str, set[str]] = defaultdict(set)
    for language in LANGUAGES:
        for key, said in of_language(language)[table].items():
            assert len({fold(form) for form in said}) == len(said), f"{language}: {key} says one twice"
            for form in said:
                meant[fold(form)].add(key)
    assert {form: keys for form, keys in meant.items() if len(keys) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_written_as_people_read_them(language: str) -> None:
    for table, rows in of_language(language).items():
        for form in (form for said in rows.values() for form in said):
            assert form == unicodedata.normalize("NFC", form).lower() == " ".join(form.split()), (table, form)


def test_every_key_is_used() -> None:
    assert dict(used()) == {table: set(rows) for table, rows in of_language("vi").items()}


def test_forms_of_every_language_are_folded_and_together() -> None:
    assert forms("extension", "yes") == {"dong y", "cho", "duyet", "yes"}
    assert marked("subscription_marked", "daily") == {"ngày"}


def test_meanings_of_other_keys_than_the_table_has_are_refused() -> None:
    with pytest.raises(ValueError, match="never"):
        meanings("extension", {"yes": 1, "no": 2, "never": 3})
    with pytest.raises(ValueError, match="no"):
        meanings("extension", {"yes": 1})


def test_a_pattern_tries_the_longest_form_first() -> None:
    assert either({"doi", "doi gio", "a.b"}) == r"(?:doi\ gio|a\.b|doi)"


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("YouTube", "youtube"), ("phát thanh", "radio"), ("PHAT THANH", "radio"), ("báo", "newspaper"),
     ("Truyền  hình", "tv"), ("cổng thông tin", "portal"), ("tiktok", "tiktok"), ("zalo", None), ("", None)],
)  # fmt: skip
def test_kinds_of_links_are_named_with_or_without_diacritics(typed: str, kind: str | None) -> None:
    assert KINDS.get(fold(typed)) == kind


def test_the_longest_phrase_is_taken_off_the_front() -> None:
    assert phrase_at_front("Cán bộ xử lý SNNMT", ROLES) == ("can bo xu ly", "SNNMT")
    assert phrase_at_front("officer SNNMT", ROLES) == ("officer", "SNNMT")

"""Every column that may hold a citizen's words, or what names them, has an outlet that takes them back."""

import subprocess
import sys
from collections.abc import Iterable

import sqlalchemy as sa

from services import recall
from services.recall import Why
from storage.tables import metadata

# Columns of fewer letters hold keys: a status, a kind, a code.
SHORT = 64

# What no outlet takes back, and why nobody's words or names need to be taken out of it.
NOT_TAKEN_BACK = {
    "names of offices, fields and programmes, loaded by the operator": """
        agencies.name agencies.short_name agency_aliases.alias fields.code fields.name fields.name_en
        assignments.agency_name episode_guests.agency_name plan_receipts.agency_name
        agency_fields.field_code questions.field_code episodes.field_code slots.channel airings.channel""",
    "what the staff say of the programme itself, asked for as such": """
        agency_groups.title agency_groups.address airings.reason days.note episodes.title episodes.recording_place
        episodes.recording_manner links.url broadcasts.content""",
    "guests speak for their office": "episode_guests.name",
    "append-only: references and numbers, no words (docs/decisions/0017)": """
        history.details audit.subject audit.details audit.seal""",
    "how a question stood, without words: ids, dates, states (storage.questions.restoring)": "undos.before",
    "keys and digests that say nothing by themselves": """
        invitations.digest drafts.album outbox.supersedes broadcasts.audience broadcasts.occasion consents.topic
        discarded_files.checksum facts.value taken.who""",
    "what the messenger said of a delivery, or of a file's kind": """
        outbox.error deliveries.error files.content_type""",
    "what a channel calls an update, or the topic of a group": "inbox.event agency_groups.topic",
}


def may_hold_words(tables: Iterable[sa.Table]) -> set[str]:
    """Columns of texts, of JSON and of documents; a checksum stands for a file on the disk."""
    return {
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if isinstance(column.type, (sa.JSON, sa.LargeBinary))
        or (isinstance(column.type, sa.String) and (column.type.length or 1_000) >= SHORT)
    }


def unclaimed(tables: Iterable[sa.Table]) -> set[str]:
    claimed = {column for one in recall.outlets() for column in one.holds}
    return may_hold_words(tables) - claimed - set(" ".join(NOT_TAKEN_BACK.values()).split())


def test_every_column_that_may_hold_a_citizens_words_has_an_outlet() -> None:
    assert unclaimed(metadata.sorted_tables) == set(), "enter an outlet, or say why none is needed"


def test_a_new_column_without_an_outlet_is_found() -> None:
    noted = sa.Table("notes", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("said", sa.Text))
    assert unclaimed([*metadata.sorted_tables, noted]) == {"notes.said"}


def test_what_is_claimed_or_excepted_exists_and_nothing_is_both() -> None:
    known = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}
    claimed = {column for one in recall.outlets() for column in one.holds}
    excepted = " ".join(NOT_TAKEN_BACK.values()).split()
    assert claimed <= known
    assert set(excepted) <= known
    assert len(excepted) == len(set(excepted))
    assert claimed.isdisjoint(excepted)


def test_whatever_is_claimed_is_emptied_of_who_is_erased() -> None:
    """But for what only says where a message is, whose words the public may go on reading."""
    erased = {column for one in recall.outlets() if Why.ERASED in one.why for column in one.holds}
    assert {column for one in recall.outlets() for column in one.holds} - erased == {"deliveries.message_id"}


def test_who_asks_for_the_outlets_first_has_all_of_them() -> None:
    alone = "from services import recall; print(*sorted(one.name for one in recall.outlets()), sep='\\n')"
    found = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == sorted(one.name for one in recall.outlets())

"""The model's files: they belong to the data, load safely, and are done without where they are broken."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from understanding import loading, samples
from understanding.loading import FOLDER
from understanding.model import BrokenModel, load


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    loading._shipped.cache_clear()
    yield
    loading._shipped.cache_clear()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for file in FOLDER.glob("model.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_the_shipped_model_was_learnt_from_the_shipped_sentences() -> None:
    assert load(FOLDER).digest == samples.digest()


def test_the_shipped_model_is_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 2_500_000


def test_a_model_that_is_saved_and_read_scores_the_same(copied: Path) -> None:
    first = load(FOLDER)
    first.save(copied / "again")
    second = load(copied / "again")
    text = "đường vào ấp hư nát"
    for head, scores in first.scores(first.words(text)).items():
        assert np.array_equal(scores, second.scores(second.words(text))[head])


def test_missing_files_are_no_stop_and_one_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loading, "FOLDER", tmp_path)
    with caplog.at_level(logging.WARNING):
        assert [loading.shipped() for _ in range(3)] == [None, None, None]
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "broken",
    ["cut", "no json", "another version", "pickled", "wrong shape", "no numbers", "a list"],
)
def test_broken_files_are_refused(copied: Path, broken: str) -> None:
    arrays = dict(np.load(copied / "model.npz"))
    told = json.loads((copied / "model.json").read_text("utf-8"))
    if broken == "cut":
        (copied / "model.npz").write_bytes((copied / "model.npz").read_bytes()[:1000])
    elif broken == "no json":
        (copied / "model.json").write_text("{")
    elif broken == "another version":
        (copied / "model.json").write_text(json.dumps(told | {"version": 99}))
    elif broken == "pickled":
        np.savez(copied / "model.npz", **(arrays | {"weights": np.array([{"a": 1}], dtype=object)}))
    elif broken == "wrong shape":
        np.savez(copied / "model.npz", **(arrays | {"weights": arrays["weights"][:10]}))
    elif broken == "no numbers":
        np.savez(copied / "model.npz", **(arrays | {"scales": arrays["scales"] * np.nan}))
    else:
        (copied / "model.json").write_text("[]")
    with pytest.raises(BrokenModel):
        load(copied)

"""The house keeps its shape: folders that can be looked over, one meaning for a name, documents that exist."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "bot",
    "handlers",
    "services",
    "channels",
    "storage",
    "understanding",
    "messages",
    "domain",
    "sandbox",
)
FULLEST = 18  # modules in a folder: as many as can be looked over
LONGEST = 15  # words in the first line of a public docstring
# Openings that leave the reader to guess what is meant: "Of what `known` holds …", "Who is told …".
RIDDLES = re.compile(
    r"(?:Of|In|To|From|For|By|At|With|On) (?:what|whom|whose|which)\b"
    r"|(?:What|Who|Whom) (?:of|is|are|was|were)\b|Whose\b|They\b|It\b"
)
SOURCES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
DOCUMENTS = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "deploy/README.md")),
]


def of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def first_lines() -> Iterator[tuple[str, str]]:
    """Yield where each public docstring stands, and its first line."""
    for path in (
        *SOURCES,
        *sorted((ROOT / "bench").rglob("*.py")),
        *sorted((ROOT / "tests/worlds").rglob("*.py")),
    ):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name, said = getattr(node, "name", ""), ast.get_docstring(node)
                # Those of the configuration's sections are the words of config.example.toml.
                is_section = path.name == "sections.py" and isinstance(node, ast.ClassDef)
                if said and not name.startswith("_") and not is_section:
                    yield f"{of(path)}: {name}", said.split("\n")[0]


def is_plain(line: str) -> bool:
    """Return whether a first line is short, ends as a sentence does, and does not begin with a riddle."""
    ends = line.rstrip('"”’`)').endswith((".", "?", ":"))
    return len(line.split()) <= LONGEST and ends and RIDDLES.match(line) is None


def test_no_folder_is_fuller_than_can_be_looked_over() -> None:
    found: dict[Path, int] = defaultdict(int)
    for path in SOURCES:
        # Migrations are a history, which only grows.
        if path.name != "__init__.py" and path.parent.name != "versions":
            found[path.parent] += 1
    assert {of(folder): count for folder, count in found.items() if count > FULLEST} == {}


def test_every_package_greets_with_a_sentence() -> None:
    for path in SOURCES:
        if path.name == "__init__.py":
            said = ast.get_docstring(ast.parse(path.read_text("utf-8")))
            assert said, of(path)
            assert said.split("\n")[0].endswith("."), of(path)


def test_a_public_docstring_begins_with_one_short_plain_sentence() -> None:
    assert {where: line for where, line in first_lines() if not is_plain(line)} == {}


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("Return the columns to blank once a message is settled (farewells, own data).", True),
        ("A clock that stands still, for `tick --now`.", True),
        ("/lich: when is the programme on air?", True),
        ("What of a message that is settled now is not to be kept, as values for its row.", False),
        ("Of what `known` holds it ends nothing when it is text: who writes so does that.", False),
        ("Who is told of a change.", False),
        ("They agreed.", False),
        ("Statements at once", False),
        ("Return the airings of a span of days, by time and then by channel, cancelled ones too.", False),
    ],
)
def test_what_counts_as_a_plain_first_line(line: str, plain: bool) -> None:
    assert is_plain(line) is plain


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in SOURCES if "migrations" not in path.parts}
    assert [of(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_a_class_name_has_one_meaning() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        if path.is_relative_to(ROOT / "sandbox"):
            continue  # it knows none of the others, and is not known
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(of(path))
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("document", DOCUMENTS, ids=of)
def test_what_a_document_points_to_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not re.match(r"[a-z]+:", target):
            assert (document.parent / target).exists(), target
    for named in re.findall(rf"`((?:{'|'.join(ROOMS)}|tests|docs|samples|deploy)/[\w./-]+)`", text):
        assert (ROOT / named).exists() or (ROOT / f"{named}.py").exists(), named


def test_what_the_code_points_to_exists() -> None:
    """Modules that comments and docstrings name; what is in another document of ours is named by its path."""
    named = re.compile(rf"(?<![\w./])((?:{'|'.join(ROOMS)})(?:\.[a-z_]\w*)+)")
    for path in SOURCES:
        if path.is_relative_to(ROOT / "sandbox"):
            continue  # its sentences name the sandbox that a test holds
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for one in named.findall(ast.get_docstring(node) or ""):
                assert _exists(one), f"{of(path)}: {one}"


def _exists(dotted: str) -> bool:
    """Whether a module, or what stands in one, has this name; `storage.files` is a key of the configuration."""
    if dotted in {"storage.files", "storage.url"}:
        return True
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:end])
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            source = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
            return all(re.search(rf"\b{part}\b", source.read_text("utf-8")) for part in parts[end:])
    return False

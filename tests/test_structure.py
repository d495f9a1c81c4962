"""The house keeps its shape: folders that can be looked over, one meaning for a name, documents that exist."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("bot", "handlers", "services", "channels", "storage", "messages", "domain", "sandbox")
FULLEST = 18  # modules in a folder: as many as can be looked over
SOURCES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
DOCUMENTS = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "deploy/README.md")),
]


def of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_folder_is_fuller_than_can_be_looked_over() -> None:
    found: dict[Path, int] = defaultdict(int)
    for path in SOURCES:
        if path.name != "__init__.py":
            found[path.parent] += 1
    assert {of(folder): count for folder, count in found.items() if count > FULLEST} == {}


def test_every_package_greets_with_a_sentence() -> None:
    for path in SOURCES:
        if path.name == "__init__.py":
            said = ast.get_docstring(ast.parse(path.read_text("utf-8")))
            assert said, of(path)
            assert said.split("\n")[0].endswith("."), of(path)


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

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import coursepulse
from coursepulse.kit.sql import Queries

ROOT = Path(coursepulse.__file__).parent


def packages() -> list[str]:
    """Every folder of named queries."""
    folders = {path.parent for path in ROOT.rglob("*.sql") if path.name != "schema.sql"}
    inside = (folder for folder in folders if folder.name != "migrations")
    return sorted(".".join(("coursepulse", *folder.relative_to(ROOT).parts)) for folder in inside)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "queries_for_test").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "queries_for_test"


@pytest.mark.parametrize("package", packages())
def test_every_query_says_what_it_is_for(package: str) -> None:
    queries = Queries(package)
    assert queries
    assert all(queries.description(name).endswith(".") for name in queries)


@pytest.mark.parametrize("package", packages())
def test_every_file_says_what_it_is_about(package: str) -> None:
    folder = ROOT.joinpath(*package.split(".")[1:])
    for file in folder.glob("*.sql"):
        subject, blank, heading, *_ = file.read_text("utf-8").splitlines()
        assert (subject[:3], subject[-1:], blank, heading[:9]) == ("-- ", ".", "", "-- name: "), file


def test_queries_come_in_the_order_of_files_and_headings(package: Path) -> None:
    (package / "b.sql").write_text("-- name: third\n-- Three.\nSELECT 3\n")
    (package / "a.sql").write_text(
        "-- Numbers.\n\n-- name: second\n-- Two.\n-- Not three.\nSELECT\n\n    2\n\n-- name: first\n-- One.\nSELECT 1\n"
    )
    queries = Queries(package.name)
    assert dict(queries) == {
        "second": "-- Two.\n-- Not three.\nSELECT\n\n    2",
        "first": "-- One.\nSELECT 1",
        "third": "-- Three.\nSELECT 3",
    }
    assert list(queries) == ["second", "first", "third"]
    assert queries.description("second") == "Two. Not three."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SELECT 1", r"a\.sql: a query must begin with `-- name: what_it_is_called`"),
        ("-- About.\nSELECT 1\n-- name: one\n-- One.\nSELECT 1", r"a\.sql: a query must begin"),
        ("-- name: one\nSELECT 1", r"a\.sql: the first line of one must be `-- what it is for`"),
        (
            "-- name: one\n-- One.\nSELECT 1\n-- name: one\n-- Two.\nSELECT 2",
            r"a\.sql: 'one' must be the name of one",
        ),
        ("-- name: \n-- One.\nSELECT 1", r"a\.sql: '' must be the name of one query"),
        ("-- name: one more\n-- One.\nSELECT 1", r"a\.sql: 'one more' must be the name of one query"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(package: Path, text: str, sentence: str) -> None:
    (package / "a.sql").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        Queries(package.name)


def test_two_files_cannot_have_a_query_of_one_name(package: Path) -> None:
    for file in ("a.sql", "b.sql"):
        (package / file).write_text("-- name: one\n-- One.\nSELECT 1")
    with pytest.raises(ValueError, match=r"b\.sql: 'one' must be the name of one query in the folder"):
        Queries(package.name)


def test_a_name_that_no_query_has_is_refused(package: Path) -> None:
    (package / "a.sql").write_text("-- name: one\n-- One.\nSELECT 1")
    queries = Queries(package.name)
    assert "two" not in queries
    assert queries.get("two") is None
    with pytest.raises(KeyError, match="queries_for_test has no query named 'two'"):
        queries["two"]


class Use(NamedTuple):
    """A name in the text of a module."""

    where: str
    package: str
    name: str


def uses(module: Path) -> Iterator[Use]:
    """The names that a module asks for: in brackets, or handed to its own function that puts them there."""
    tree = ast.parse(module.read_text("utf-8"))
    holders = {}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and (found := opened(node.value))
        ):
            holders[node.targets[0].id] = found
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            package = opened(node.value) or holders.get(name_of(node.value))
            if package:
                yield Use(f"{module}:{node.lineno}", package, str(node.slice.value))
        elif isinstance(node, ast.FunctionDef):
            yield from handed(tree, module, node, holders)


def handed(
    tree: ast.Module, module: Path, function: ast.FunctionDef, holders: dict[str, str]
) -> Iterator[Use]:
    parameters = [each.arg for each in function.args.args if each.arg != "self"]
    for node in ast.walk(function):
        if not isinstance(node, ast.Subscript) or name_of(node.value) not in holders:
            continue
        prefix, parameter = "", name_of(node.slice)
        if isinstance(node.slice, ast.JoinedStr) and isinstance(node.slice.values[-1], ast.FormattedValue):
            prefix = "".join(str(each.value) for each in node.slice.values if isinstance(each, ast.Constant))
            parameter = name_of(node.slice.values[-1].value)
        if parameter not in parameters:
            continue
        place = parameters.index(parameter)
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and name_of(call.func) == function.name and len(call.args) > place:
                given = call.args[place]
                if isinstance(given, ast.Constant):
                    yield Use(
                        f"{module}:{call.lineno}", holders[name_of(node.value)], f"{prefix}{given.value!s}"
                    )


def name_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def opened(node: ast.AST) -> str:
    """The folder in ``Queries("folder")``."""
    if (
        isinstance(node, ast.Call)
        and name_of(node.func) == "Queries"
        and isinstance(node.args[0], ast.Constant)
    ):
        return str(node.args[0].value)
    return ""


def test_every_name_that_a_module_asks_for_exists() -> None:
    asked = [use for module in sorted(ROOT.rglob("*.py")) for use in uses(module)]
    assert len(asked) > 200
    known = {package: set(Queries(package)) for package in packages()}
    assert [use for use in asked if use.name not in known[use.package]] == []


def test_the_check_finds_a_name_that_nobody_has(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        'Q = Queries("folder")\n'
        "class Store:\n"
        "    def _run(self, values, name):\n"
        '        return Q[f"people_{name}"]\n'
        "    def ask(self):\n"
        '        self._run({}, "added")\n'
        '        return Q["found"]\n'
    )
    assert sorted(use.name for use in uses(module)) == ["found", "people_added"]


def test_every_query_is_asked_for_somewhere() -> None:
    words = {
        str(node.value)
        for module in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    }
    prefixes = tuple(word for word in words if word.endswith("_") and len(word) > 5)
    names = [name for package in packages() for name in Queries(package)]
    assert [name for name in names if name not in words and not name.startswith(prefixes)] == []

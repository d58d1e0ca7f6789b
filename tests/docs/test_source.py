"""The source speaks the words of the glossary, and a class name stands for one thing."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from tests.docs.pages import ROOT
from tests.docs.test_pages import FOREIGN

SOURCE = ROOT / "src" / "coursepulse"


def test_comments_and_sentences_use_the_words_of_the_glossary() -> None:
    files = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.sql"), *(ROOT / "scripts").glob("*.py")]
    found = {str(file.relative_to(ROOT)): FOREIGN.findall(file.read_text()) for file in files}
    assert {file: words for file, words in found.items() if words} == {}


def test_a_class_name_stands_for_one_thing() -> None:
    places = defaultdict[str, list[Path]](list)
    for file in SOURCE.rglob("*.py"):
        for each in re.findall(r"^class (\w+)", file.read_text(), re.MULTILINE):
            places[each].append(file.relative_to(SOURCE))
    assert len(places) > 300
    assert {each: files for each, files in places.items() if len(files) > 1} == {}


def test_every_definition_runs_in_the_product() -> None:
    """What only tests run is a reference, and belongs into ``tests/reference``."""
    used, public = set[str](), set[str]()
    for file in SOURCE.rglob("*.py"):
        for node in ast.parse(file.read_text()).body:
            name = getattr(node, "name", "")
            used |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - {name}
            used |= {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
            if file.parent.name == "definitions" and name and not name.startswith("_"):
                public.add(name)
    assert len(public) > 30
    assert public - used == set()


def test_an_error_in_the_language_of_its_reader_says_so() -> None:
    """Otherwise the words of its code, which say less, would take the place of its sentence."""
    catalogue = SOURCE / "dashboards" / "locale" / "de" / "LC_MESSAGES" / "coursepulse.po"
    codes = set(re.findall(r'^msgid "error\.(\w+)"$', catalogue.read_text(), re.MULTILINE))
    raised = [
        (file.relative_to(SOURCE), node)
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "RequestError"
        and len(node.args) > 1
    ]
    assert len(raised) > 100
    silent = [
        f"{file}:{node.lineno}"
        for file, node in raised
        if getattr(node.args[0], "value", "") in codes
        and {"say", "plural"} & {getattr(each, "id", "") for each in ast.walk(node.args[1])}
        and "told" not in {each.arg for each in node.keywords}
    ]
    assert silent == []


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{file.relative_to(SOURCE)}:{node.lineno} {node.name}"
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= 40
    ]
    assert long == []

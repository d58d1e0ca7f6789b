"""What stands on the pages holds: links lead somewhere, blocks can be read, commands exist, the site shows all."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from coursepulse.cli.main import app
from tests.docs.pages import DOCS, PAGES, ROOT, Block, blocks, commands, name, prose
from tests.docs.test_docs import load_script

LINK = re.compile(r"\]\(([^)\s]+)\)")
OUTSIDE = ("https://", "http://", "mailto:")

each_page = pytest.mark.parametrize("path", PAGES, ids=name)


@cache
def anchors(path: Path) -> set[str]:
    slugify: Callable[[str], str] = load_script("site_hooks").slugify
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {slugify(re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", heading)) for heading in headings}


@each_page
def test_links_lead_to_a_page_and_a_heading(path: Path) -> None:
    for link in LINK.findall(prose(path)):
        if not link.startswith(OUTSIDE):
            target, _, anchor = link.partition("#")
            goal = path.parent / target if target else path
            assert goal.exists(), link
            assert not anchor or anchor in anchors(goal), link


@each_page
def test_pages_of_the_site_link_to_nothing_outside_it(path: Path) -> None:
    if path.is_relative_to(DOCS):
        targets = [
            link.partition("#")[0] for link in LINK.findall(prose(path)) if not link.startswith(OUTSIDE)
        ]
        assert all((path.parent / target).resolve().is_relative_to(DOCS) for target in targets)


def test_every_page_is_in_the_navigation() -> None:
    listed = re.findall(r"^ +- .+: (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    pages = [str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")]
    assert sorted(listed) == sorted(page for page in pages if not page.startswith("decisions/0"))


def test_every_decision_is_in_the_index() -> None:
    index = (DOCS / "decisions/index.md").read_text()
    for path in DOCS.glob("decisions/0*.md"):
        assert f"]({path.name})" in index, "run make docs"


def read_script(text: str) -> None:
    subprocess.run(["/bin/bash", "-n"], input=text, text=True, check=True)


def read_table(text: str) -> None:
    tomllib.loads(text)


def read_nothing(text: str) -> None:
    assert text.strip()


#: How each language is read; a session and plain text may hold anything.
READERS: dict[str, Callable[[str], object]] = {
    "python": ast.parse,
    "json": json.loads,
    "toml": read_table,
    "sh": read_script,
    "sql": read_nothing,
    "console": read_nothing,
    "text": read_nothing,
}


@pytest.mark.parametrize(
    "block",
    [block for path in PAGES for block in blocks(path)],
    ids=lambda block: f"{block.page}:{block.line}",
)
def test_blocks_name_their_language_and_can_be_read(block: Block) -> None:
    READERS[block.language](block.text)


@each_page
def test_every_fence_is_closed_and_seen(path: Path) -> None:
    assert path.read_text().count("```") == 2 * len(blocks(path))


@cache
def command_line() -> object:
    return typer.main.get_command(app)


def check_command(words: list[str]) -> None:
    """Follow the words through the groups of the command line, and look for the options of the last one."""
    command = command_line()
    for word in words[1:]:
        assert isinstance(command, TyperGroup | TyperCommand)
        if word.startswith("--") and word != "--help":
            known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
            assert word.partition("=")[0] in known, f"{word} of {command.name}"
        elif isinstance(command, TyperGroup) and word != "…" and not word.startswith("-"):
            assert word in command.commands, word
            command = command.commands[word]


@each_page
def test_commands_and_their_options_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in commands(path):
        words = [word for word in shlex.split(line, comments=True) if not re.match(r"[A-Z_]+=", word)]
        if words[0] == "make":
            assert set(words[1:]) <= targets, line
        else:
            check_command(words)


def test_a_command_that_does_not_exist_is_noticed() -> None:
    for wrong in ("coursepulse fetch", "coursepulse users dance", "coursepulse serve --loudly"):
        with pytest.raises(AssertionError):
            check_command(wrong.split())


def test_commands_are_found_in_scripts_sessions_and_prose() -> None:
    found = [line for path in PAGES for line in commands(path)]
    assert {"coursepulse serve", "coursepulse doctor", "make demo", "make site"} <= set(found)


TERM = re.compile(r"^- \*\*([^*]+)\*\*: (.+)$", re.MULTILINE)


def test_the_glossary_has_a_line_a_term_in_alphabetical_order() -> None:
    text = (DOCS / "glossary.md").read_text()
    terms = [term.lower() for term, _ in TERM.findall(text)]
    assert all(first < second for first, second in pairwise(terms))
    assert len(terms) == sum(line.startswith("- ") for line in text.splitlines())


#: Words of the house where the glossary has the field's, and turns of phrase that no native speaker uses.
FOREIGN = re.compile(
    r"\b(clerks?|parcels?|hot part|front door|graves?|whoever|whomever|in place of|told apart|tidings|alert desk)\b",
    re.IGNORECASE,
)


@each_page
def test_pages_use_the_words_of_the_glossary(path: Path) -> None:
    words = re.sub(r"`[^`\n]+`|\]\([^)]+\)", "", prose(path))
    assert FOREIGN.findall(words) == []


@pytest.mark.parametrize("entrance", ["README.md", "docs/index.md"])
def test_a_reader_finds_every_guide_from_the_first_page(entrance: str) -> None:
    text = (ROOT / entrance).read_text()
    missing = [guide.name for guide in (DOCS / "how-to").glob("*.md") if f"how-to/{guide.name})" not in text]
    assert missing == []


@each_page
def test_files_of_the_source_that_pages_name_exist(path: Path) -> None:
    named = re.findall(r"`([\w*-]+/[\w./*-]+\.(?:py|sql|html))(?:::\w+)?`", prose(path))
    for file in named:
        assert any(list(base.glob(file)) for base in (ROOT, ROOT / "src/coursepulse")), file

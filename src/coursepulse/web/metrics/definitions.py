"""The published definitions and their test vectors, as the pages show them.

They are written once, in ``docs/reference/definitions.md`` and ``tests/vectors``.
The wheel carries copies in ``coursepulse/web/definitions``.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

from coursepulse.metrics.reference import anchor_of

_HERE = Path(__file__).parents[1] / "definitions"
_CHECKOUT = Path(__file__).parents[4]

#: Links to other pages of the documentation, which a server does not carry.
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\((?!#)[^)]+\)")

_VECTORS = re.compile(r"^Vectors: (.+?)\.$", re.MULTILINE | re.DOTALL)


class Vector(NamedTuple):
    """A published case: events, and the numbers that must come out.

    :param why: what goes wrong where they do not
    :param example: the events and the expected numbers, as indented JSON
    """

    name: str
    why: str
    example: str


class DefinitionSection(NamedTuple):
    """One section of the definitions, as HTML.

    :param anchor: what links to the section name, as in the documentation
    """

    heading: str
    anchor: str
    html: Markup
    vectors: tuple[Vector, ...]


@cache
def definitions() -> dict[str, DefinitionSection]:
    """Every definition by its heading, in the order of the page."""
    _, *sections = re.split(
        r"^## ", _find("definitions.md", "docs/reference").read_text(), flags=re.MULTILINE
    )
    made = (_read(*section.split("\n", 1)) for section in sections)
    return {definition.heading: definition for definition in made}


@cache
def vectors() -> dict[str, Vector]:
    """Every test vector by its name."""
    files = sorted(_find("vectors", "tests").glob("*.json"))
    found = (each for file in files for each in msgspec.json.decode(file.read_bytes())["vectors"])
    return {each["name"]: Vector(each["name"], each["why"], _example(each)) for each in found}


def _find(name: str, folder: str) -> Path:
    packaged = _HERE / name
    return packaged if packaged.exists() else _CHECKOUT / folder / name


def _read(heading: str, text: str) -> DefinitionSection:
    named = [name for found in _VECTORS.findall(text) for name in re.findall(r"`(\w+)`", found)]
    html = Markup(_markdown().render(_ELSEWHERE.sub(r"\1", _VECTORS.sub("", text))))  # noqa: S704 - our own text
    return DefinitionSection(heading, anchor_of(heading), html, tuple(vectors()[name] for name in named))


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.core.ruler.push("scopes", _say_scopes)
    return markdown


def _say_scopes(state: StateCore) -> None:
    """Screen readers want to know what a heading of a table heads. A cell without words heads nothing."""
    for opens, words, closes in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if opens.type != "th_open":
            continue
        if words.content:
            opens.attrSet("scope", "col")
        else:
            opens.tag = closes.tag = "td"


def _example(vector: dict[str, object]) -> str:
    shown = {name: value for name, value in vector.items() if name not in ("name", "why", "definition")}
    return msgspec.json.format(msgspec.json.encode(shown), indent=1).decode()

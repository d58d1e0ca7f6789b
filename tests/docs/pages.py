"""The pages of the documentation, and what stands on them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^(?:[A-Z_]+=\S+ )*(coursepulse|make)\b")


class Block(NamedTuple):
    """A fenced block of a page.

    :param line: where it begins, from 1
    """

    page: str
    line: int
    language: str
    text: str


def name(path: Path) -> str:
    """A page as it is called in this repository."""
    return str(path.relative_to(ROOT))


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a page."""
    text = path.read_text()
    return [
        Block(name(path), text[: found.start()].count("\n") + 1, found[1], found[2])
        for found in _FENCE.finditer(text)
    ]


def prose(path: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", path.read_text())


def typed_lines(block: Block) -> str:
    """What a reader types of a block: all of a script, and of a session what stands behind the prompt."""
    if block.language == "sh":
        return block.text
    return "\n".join(re.findall(r"^\$ (.+)$", block.text, re.MULTILINE))


def commands(path: Path) -> list[str]:
    """The lines of a page that call ``coursepulse`` or ``make``."""
    scripts = [typed_lines(each) for each in blocks(path) if each.language in ("sh", "console")]
    lines = [line.strip() for script in scripts for line in script.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`([^`\n]+)`", prose(path))
    parts = [part.strip() for line in lines for part in re.split(r"&&|\|(?!\w)|&", line)]
    return [part for part in parts if _COMMAND.match(part)]

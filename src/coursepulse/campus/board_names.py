"""Names that students choose for leaderboards."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

SHORTEST, LONGEST = 2, 30

#: Categories of Unicode that a name may consist of, besides spaces: letters, marks, numbers, punctuation, symbols.
_SHOWN = frozenset("LMNPS")

#: More marks than this on one letter reach into the rows above and below.
_MOST_MARKS = 3


class NameTrouble(StrEnum):
    """Why a name cannot be chosen."""

    LENGTH = "length"
    CHARACTERS = "characters"
    ADDRESS = "address"
    EMPTY = "empty"
    MARKS = "marks"
    TAKEN = "taken"
    REFUSED = "refused"


class BoardName(NamedTuple):
    """The name of a student on leaderboards.

    :param shown_as: empty after an instructor has removed it
    :param removed_at: when an instructor last removed a name
    """

    shown_as: str
    removed_at: datetime | None = None


def read_name(text: str) -> str | NameTrouble:
    """A name as it is shown, or why it cannot be one."""
    # Only plain spaces are tidied up: other white space has no place in a name.
    name = re.sub(" +", " ", unicodedata.normalize("NFKC", text)).strip(" ")
    return _find_trouble(name) or name


def fold_name(name: str) -> str:
    """What makes two names the same: letters and digits, whatever their case and what stands between them."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LMN")


def _find_trouble(name: str) -> NameTrouble | None:
    if not SHORTEST <= len(name) <= LONGEST:
        return NameTrouble.LENGTH
    if any(not _is_shown(letter) for letter in name):
        return NameTrouble.CHARACTERS
    if "@" in name:
        return NameTrouble.ADDRESS
    if not any(letter.isalnum() for letter in name):
        return NameTrouble.EMPTY
    return NameTrouble.MARKS if _most_marks(name) > _MOST_MARKS else None


def _is_shown(letter: str) -> bool:
    return letter == " " or unicodedata.category(letter)[0] in _SHOWN


def _most_marks(name: str) -> int:
    runs = groupby(name, key=lambda letter: unicodedata.category(letter) in ("Mn", "Me"))
    return max((len(list(run)) for marks, run in runs if marks), default=0)

"""Names that students choose for leaderboards."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

import msgspec

from coursepulse.campus.verdicts import RowFault, Trouble
from coursepulse.events.event import Id

SHORTEST, LONGEST = 2, 30

#: Categories of Unicode that a name may consist of, besides spaces: letters, marks, numbers, punctuation, symbols.
_SHOWN = frozenset("LMNPS")

#: Greek and Cyrillic letters that a reader takes for Latin ones, in small or in capital form (Unicode UTS 39).
_TWINS = str.maketrans(
    dict(zip("авекмнорстухѕіјһԁӏԛԝαβεζηικμνορτυχ", "abekmhopctyxsijhdlqwabezhikmnoptyx", strict=True))
)

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


_SENTENCES = {
    NameTrouble.LENGTH: f"Send a name of {SHORTEST} to {LONGEST} characters.",
    NameTrouble.CHARACTERS: "Send one line of letters, digits, punctuation and spaces.",
    NameTrouble.ADDRESS: "A name cannot contain `@`.",
    NameTrouble.EMPTY: "A name needs a letter or a digit.",
    NameTrouble.MARKS: "The name has too many marks on one letter.",
    NameTrouble.TAKEN: "Another student has this name, or one that looks the same but for case, spaces or punctuation.",
    NameTrouble.REFUSED: "An instructor has removed this name from this student.",
}


class BoardNameRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name that a student chose for leaderboards on the platform.

    :param name: 2 to 30 characters, no e-mail address
    """

    external_id: Id
    name: str


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


def check_board_name(row: BoardNameRow) -> Iterator[Trouble]:
    """What is wrong with a name in itself."""
    trouble = read_name(row.name)
    if isinstance(trouble, NameTrouble):
        yield explain(trouble)


def explain(trouble: NameTrouble) -> Trouble:
    """Why a name of a request cannot be chosen."""
    taken = trouble in (NameTrouble.TAKEN, NameTrouble.REFUSED)
    reason = RowFault.NAME_TAKEN if taken else RowFault.INVALID_NAME
    return Trouble(reason, "$.name", _SENTENCES[trouble])


def fold_name(name: str) -> str:
    """What makes two names the same: letters and digits, whatever their case, script and what stands between them."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).translate(_TWINS)
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

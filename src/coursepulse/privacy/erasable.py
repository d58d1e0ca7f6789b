"""What it takes to forget a student: everything that holds something about one can do it."""

from __future__ import annotations

from enum import StrEnum
from hashlib import md5
from typing import Protocol

import msgspec

from coursepulse.kit.ids import NIL, to_text


class ErasureMode(StrEnum):
    """What becomes of a student's rows.

    ``anonymise`` keeps them under a random id that leads nowhere: class totals stay. ``delete`` takes them away:
    class totals fall by this student's share.
    """

    ANONYMISE = "anonymise"
    DELETE = "delete"


class DataSubject(msgspec.Struct, frozen=True, kw_only=True):
    """The student to be forgotten, and who stands in their place.

    :param student: the pseudonym
    :param replacement: sixteen random bytes, drawn for this request
    :param salt: random text, drawn for this request and forgotten with it: session ids are made anew with it
    :param external_id: the platform's own id, empty when nobody on the roster has the pseudonym
    :param email: as on the roster, to find it in refused events; so is the name
    :param keep_records: academic records stay under the replacement even when everything else is deleted
    """

    student: bytes
    replacement: bytes
    salt: str
    external_id: str = ""
    email: str = ""
    name: str = ""
    keep_records: bool = False


class Erased(msgspec.Struct, frozen=True):
    """One line of a receipt.

    :param rows: rows changed or removed, blocks rewritten, files removed
    :param note: what was done, what is kept and on what legal basis
    """

    store: str
    rows: int
    note: str = ""


class Erasable(Protocol):
    """Holds something about students and can forget one."""

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:
        """Forget a student. Doing it again, whatever a crash left, finishes it and harms nothing."""


def replace_session(session: bytes, salt: str) -> bytes:
    """The id that stands for a session from now on: the same in every store, and of no use without the salt.

    MD5 because PostgreSQL and ClickHouse both have it; what protects here is the random salt.
    """
    if session == NIL:
        return NIL
    return md5(f"{salt}{to_text(session)}".encode(), usedforsecurity=False).digest()


def merge_receipts(before: list[Erased], now: list[Erased]) -> list[Erased]:
    """One line per store: an erasure that was cut off and done again adds up."""
    lines = {line.store: line for line in before}
    for line in now:
        known = lines.get(line.store)
        lines[line.store] = msgspec.structs.replace(line, rows=line.rows + (known.rows if known else 0))
    return list(lines.values())

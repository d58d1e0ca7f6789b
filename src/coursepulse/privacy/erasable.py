"""Erasure of a student: every store that holds data about students implements this port."""

from __future__ import annotations

from enum import StrEnum
from hashlib import md5
from typing import Protocol

import msgspec

from coursepulse.kit.ids import NIL, to_text


class ErasureMode(StrEnum):
    """What becomes of a student's rows.

    ``anonymise`` keeps them under a random id that leads nowhere, and class totals stay. ``delete`` removes them, and
    class totals fall by this student's share.
    """

    ANONYMISE = "anonymise"
    DELETE = "delete"


class DataSubject(msgspec.Struct, frozen=True, kw_only=True):
    """The student to erase, and the random id that replaces them.

    :param student: the pseudonym
    :param replacement: sixteen random bytes, drawn for this request
    :param salt: random text, drawn for this request and discarded with it; makes the new session ids
    :param external_id: the platform's id; empty if no one on the roster has the pseudonym
    :param email: as on the roster, to search refused events for it, like the name
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
    """One line of an erasure receipt.

    :param rows: rows changed or removed, blocks rewritten, files removed
    :param note: what was done, what is kept and on what legal basis
    """

    store: str
    rows: int
    note: str = ""


class Erasable(Protocol):
    """Holds data about students and can erase one."""

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:
        """Erase a student. Idempotent: repeating it after a crash completes it."""


def replace_session(session: bytes, salt: str) -> bytes:
    """The new id of a session: the same in every store, and useless without the salt.

    MD5 because PostgreSQL and ClickHouse both have it; the protection is the random salt.
    """
    if session == NIL:
        return NIL
    return md5(f"{salt}{to_text(session)}".encode(), usedforsecurity=False).digest()


def merge_receipts(before: list[Erased], now: list[Erased]) -> list[Erased]:
    """One line per store: the parts of an erasure that was interrupted and resumed are added up."""
    lines = {line.store: line for line in before}
    for line in now:
        known = lines.get(line.store)
        lines[line.store] = msgspec.structs.replace(line, rows=line.rows + (known.rows if known else 0))
    return list(lines.values())

"""The chain: each entry's hash covers the entry and the hash before it, so that no past can be rewritten unnoticed.

The hash is HMAC-SHA256 under a key that lives outside the database. A plain SHA-256 chain would show that one row
was changed, but anyone with write access to the database could recompute every later hash, and the chain would hold
again. Without the key nobody can: not the administrator of the database, and not a thief of its backups. Without the
key it is still possible to cut off the end, because a shorter chain is a valid chain; the anchor, kept outside the
database, shows that.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from coursepulse.audit.entry import AuditEntry

#: Separates this key from every other use of the same secret (``info`` in RFC 5869).
_LABEL = b"coursepulse audit trail 1"

#: The tag of the entry that replaces entries past their retention.
PRUNED = "audit:trail:pruned"


class Head(NamedTuple):
    """The newest entry of a chain: number and hash."""

    number: int
    hash: bytes


#: The head of a chain without entries.
GENESIS = Head(0, bytes(32))


class Link(NamedTuple):
    """An entry with its place in the chain."""

    number: int
    entry: AuditEntry
    hash: bytes


class Verification(NamedTuple):
    """The result of verifying a chain.

    :param checked: number of valid links
    :param head: the last of them
    :param broken: the number of the first link that is invalid or missing; None if there is none
    :param reason: what is wrong with it, in words
    """

    checked: int
    head: Head
    broken: int | None = None
    reason: str = ""


def derive_key(secret: bytes) -> bytes:
    """The key of the chain, derived from a secret that the database never sees."""
    return hmac.digest(secret, _LABEL, "sha256")


def canonical(entry: AuditEntry) -> bytes:
    """The hashed form of an entry: a JSON array of its fields in order, so that they cannot run into each other."""
    return msgspec.json.encode([getattr(entry, name) for name in AuditEntry.__struct_fields__])


def link(key: bytes, previous: bytes, number: int, entry: AuditEntry) -> bytes:
    """The hash of ``entry`` as number ``number`` after the hash ``previous``."""
    return hmac.digest(key, previous + number.to_bytes(8, "big") + canonical(entry), "sha256")


def extend(key: bytes, head: Head, entries: Iterable[AuditEntry]) -> list[Link]:
    """``entries`` as the next links after ``head``."""
    links: list[Link] = []
    for number, entry in enumerate(entries, head.number + 1):
        head = Head(number, link(key, head.hash, number, entry))
        links.append(Link(number, entry, head.hash))
    return links


def tell_pruned(last: Head) -> str:
    """The detail of a :data:`PRUNED` entry: everything up to ``last`` is gone."""
    return f"through {last.number} {last.hash.hex()}"


def read_pruned(detail: str) -> Head:
    """Reads what :func:`tell_pruned` wrote; anything else gives the genesis, which no further link will fit."""
    try:
        _, number, digest = detail.split(" ")
        return Head(int(number), bytes.fromhex(digest))
    except ValueError:
        return GENESIS


def verify(
    key: bytes, links: Iterable[Link], *, start: Head = GENESIS, anchor: Head | None = None
) -> Verification:
    """Walk the chain from its beginning and find the first invalid link.

    :param links: all of them, in the order of their numbers
    :param start: where the chain begins, according to the newest :data:`PRUNED` entry; the walk verifies that entry too
    :param anchor: a head that was seen before, which the chain must still contain
    """
    head, checked, proved = start, 0, start == GENESIS
    for one in links:
        fault = _find_fault(key, head, one, anchor)
        if fault:
            return Verification(checked, head, min(one.number, head.number + 1), fault)
        head, checked = Head(one.number, one.hash), checked + 1
        proved = proved or (one.entry.tag == PRUNED and read_pruned(one.entry.detail) == start)
    if anchor is not None and head.number < anchor.number:
        return Verification(checked, head, head.number + 1, f"the trail once reached entry {anchor.number}")
    if not proved:
        return Verification(checked, head, start.number, "no entry says that the trail was pruned up to here")
    return Verification(checked, head)


def _find_fault(key: bytes, head: Head, one: Link, anchor: Head | None) -> str:
    if one.number != head.number + 1:
        return f"entry {head.number + 1} should be here, not {one.number}"
    if not hmac.compare_digest(one.hash, link(key, head.hash, one.number, one.entry)):
        return "the entry does not match its hash and the entry before it"
    if anchor is not None and one.number == anchor.number and one.hash != anchor.hash:
        return "the entry is not the one that was anchored outside the database"
    return ""

"""Identifiers: 16 bytes inside the system, whatever the platform sends."""

from __future__ import annotations

import re
import uuid
from hashlib import blake2b

#: A UUID is the same one in braces, as a URN and without its hyphens; capitals never matter (RFC 9562).
_SPELLED = re.compile(
    r"(?:urn:uuid:)?(?P<brace>\{)?([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(?(brace)\})",
    re.IGNORECASE | re.ASCII,
)

#: How long such a spelling can be.
_LENGTHS = frozenset({32, 34, 38, 41, 43, 45, 47})

#: The id of nothing: an event without a session carries this session id.
NIL = bytes(16)


def to_bytes(text: str, kind: str) -> bytes:
    """The 16 bytes of an id: a UUID's own, otherwise a hash of the text within its ``kind``.

    A platform may use any string up to 128 characters as an event or session id. Hashing those
    keeps columns narrow, and keeps whatever a platform put into the string out of the stores.
    """
    if len(text) == 36 and text[8:24:5] == "----":
        # Nearly all are spelled like this, and the collector reads one for every event: no pattern is as fast.
        try:
            raw = bytes.fromhex(text.replace("-", ""))
        except ValueError:
            raw = b""
        if len(raw) == len(NIL):  # it has no other hyphen, and no space, which is stepped over
            return raw
    if len(text) in _LENGTHS and (found := _SPELLED.fullmatch(text)):
        return bytes.fromhex(found[2].replace("-", ""))
    return blake2b(text.encode(), digest_size=16, person=kind.encode()).digest()


def to_text(raw: bytes) -> str:
    """The usual UUID spelling of 16 bytes."""
    return str(uuid.UUID(bytes=raw))


def is_uuid(text: str) -> bool:
    """Whether a text spells a UUID, in any of the ways that there are."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True

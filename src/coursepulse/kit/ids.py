"""Identifiers: always 16 bytes inside the system, whatever the platform sends."""

from __future__ import annotations

import re
import uuid
from hashlib import blake2b

#: A UUID may stand in braces, as a URN or without hyphens; case does not matter (RFC 9562).
_SPELLED = re.compile(
    r"(?:urn:uuid:)?(?P<brace>\{)?([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(?(brace)\})",
    re.IGNORECASE | re.ASCII,
)

#: The longest such spelling.
_LENGTHS = frozenset({32, 34, 38, 41, 43, 45, 47})

#: The null id: an event without a session carries this session id.
NIL = bytes(16)


def to_bytes(text: str, kind: str) -> bytes:
    """An id as 16 bytes: those of a UUID, or a hash of any other text within its ``kind``.

    A platform may use any string up to 128 characters as an event or session id. Hashing those
    keeps columns narrow, and keeps whatever a platform put into the string out of the stores.
    """
    if len(text) == 36 and text[8:24:5] == "----":
        # The common spelling; the collector reads one per event, and no regular expression is as fast.
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
    """Whether a text is a UUID in any valid spelling."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True

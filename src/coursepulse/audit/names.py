"""The names of students in the trail: not their pseudonyms, so that entries can outlive an erasure."""

from __future__ import annotations

import hmac
import re
from uuid import UUID

#: Any UUID except that of an account: accounts keep their names.
_ID = re.compile(r"(?<!account:)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)


def hide_ids(key: bytes, text: str) -> str:
    """The text with every id replaced by another that only the holder of ``key`` can compute.

    The same id always gets the same name, so that a student's entries stay together. Entries are kept for years
    and cannot be changed (GDPR art. 5(2), 34 CFR 99.32(a)(2)), but a pseudonym must leave every file when its
    student is erased. Entries about the student then lead to nobody.
    """
    return _ID.sub(lambda found: _hide(key, found[0]), text)


def _hide(key: bytes, text: str) -> str:
    return str(UUID(bytes=hmac.digest(key, b"subject " + UUID(text).bytes, "sha256")[:16]))

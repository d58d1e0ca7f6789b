"""By what names the trail knows students: not by their pseudonyms, so that it can outlive what is erased."""

from __future__ import annotations

import hmac
import re
from uuid import UUID

#: Any UUID but that of an account: accounts are named as they are.
_ID = re.compile(r"(?<!account:)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)


def hide_ids(key: bytes, text: str) -> str:
    """The text with every id in it replaced by another that only the holder of ``key`` can find from it.

    The same id always gets the same name, so that a student's entries stay together. Entries are kept for years
    and cannot be changed (GDPR art. 5(2), 34 CFR 99.32(a)(2)), whereas a pseudonym must leave every file when its
    student is erased: what was written down about the student then leads to nobody.
    """
    return _ID.sub(lambda found: _hide(key, found[0]), text)


def _hide(key: bytes, text: str) -> str:
    return str(UUID(bytes=hmac.digest(key, b"subject " + UUID(text).bytes, "sha256")[:16]))

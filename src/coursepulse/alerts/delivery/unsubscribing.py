"""Links that stop the mails of one account without signing in (RFC 8058)."""

from __future__ import annotations

import base64
import binascii
import hmac
from uuid import UUID

_BYTES = 16


class UnsubscribeTokens:
    """Signs and reads tokens. They do not expire: an old mail must still let its reader stop the next one.

    :param key: used for nothing else
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, account_id: str) -> str:
        """The token of an account."""
        raw = UUID(account_id).bytes
        return base64.urlsafe_b64encode(raw + self._mark(raw)).decode().rstrip("=")

    def read(self, token: str) -> str | None:
        """The account of a token; None when nobody here made it."""
        try:
            whole = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        raw, mark = whole[:_BYTES], whole[_BYTES:]
        if len(raw) != _BYTES or not hmac.compare_digest(mark, self._mark(raw)):
            return None
        return str(UUID(bytes=raw))

    def _mark(self, raw: bytes) -> bytes:
        return hmac.digest(self._key, raw, "sha256")[:_BYTES]

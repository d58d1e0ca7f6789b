"""Signatures of webhooks after the Standard Webhooks specification, version 1: receivers find a library for it.

The signature is an HMAC-SHA256 over ``id.timestamp.body``. Retries carry the same id and a new timestamp.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping

from coursepulse.kit.clock import MINUTE, SECOND, Micros

#: A receiver refuses a timestamp further from its own clock than this.
REPLAY_WINDOW: Micros = 5 * MINUTE

_PREFIX = "whsec_"


def make_secret(key: bytes, webhook: bytes, salt: bytes) -> str:
    """The secret of a webhook as its receiver is told it. Derived, so that no table holds it."""
    raw = hmac.digest(key, b"webhook " + webhook + salt, "sha256")
    return _PREFIX + base64.b64encode(raw).decode()


def sign(secret: str, message_id: str, now: Micros, body: bytes) -> dict[str, str]:
    """The headers that a message carries."""
    timestamp = str(now // SECOND)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + _digest(secret, message_id, timestamp, body),
    }


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: Micros) -> bool:
    """Whether a message comes from the holder of the secret, and from now: how a receiver checks."""
    timestamp = headers.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 20):
        return False
    if abs(now - int(timestamp) * SECOND) > REPLAY_WINDOW:
        return False
    wanted = "v1," + _digest(secret, headers.get("webhook-id", ""), timestamp, body)
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given)


def _digest(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret of a webhook is base64 after whsec_") from None

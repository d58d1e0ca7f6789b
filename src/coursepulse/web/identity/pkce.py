"""Proof Key for Code Exchange (RFC 7636): who redeems a code is who asked for it."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (section 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()

"""Tokens with which a platform shows a student's own dashboard in a frame of its pages."""

from __future__ import annotations

import secrets
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from joserfc import jwt
from joserfc.errors import InvalidClaimError, JoseError
from joserfc.jwk import OctKey

from coursepulse.kit.clock import SECOND, Micros
from coursepulse.kit.errors import RequestError, SettingError
from coursepulse.kit.ids import to_text

#: Seconds that a token is good for: long enough for a page to load, too short to be passed on.
LONGEST = 600

_ISSUER = "coursepulse embed"
_ALGORITHM = "HS256"


class Embedding(NamedTuple):
    """What a token allows: one student's own dashboard, in frames of one origin.

    :param signed_at: when the token was made, microseconds, to the second below
    """

    student_id: bytes
    origin: str
    signed_at: Micros


class EmbedTokens:
    """Signs and reads tokens (JWS, RFC 7515). They carry the pseudonym, never the platform's own id."""

    def __init__(self, key: bytes) -> None:
        self._key = OctKey.import_key(key)

    def sign(self, student_id: bytes, origin: str, seconds: int, now: Micros) -> str:
        """A token for the next ``seconds``."""
        at = now // SECOND
        claims = {
            "iss": _ISSUER,
            "aud": origin,
            "sub": to_text(student_id),
            "iat": at,
            "exp": at + min(seconds, LONGEST),
            "jti": secrets.token_hex(8),
        }
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key, [_ALGORITHM])

    def read(self, token: str, origins: frozenset[str], now: Micros) -> Embedding:
        """What a token allows.

        :param origins: those that may show frames now: taking one out of the settings ends its tokens
        :raises RequestError: ``embed_token``, for whatever is wrong with it
        """
        try:
            claims = jwt.decode(token, self._key, [_ALGORITHM]).claims
            rules = jwt.JWTClaimsRegistry(
                now=now // SECOND,
                leeway=0,
                iss={"essential": True, "value": _ISSUER},
                aud={"essential": True},
                sub={"essential": True},
                iat={"essential": True},
                exp={"essential": True},
            )
            rules.validate(claims)
            origin = _one_of(origins, claims["aud"])
            return Embedding(UUID(claims["sub"]).bytes, origin, int(claims["iat"]) * SECOND)
        except (JoseError, ValueError, TypeError):
            raise expired() from None


def expired() -> RequestError:
    """What is said of every token that is not good any more, or never was."""
    return RequestError("embed_token", "This view has expired; reload the page that shows it.", 403)


def _one_of(origins: frozenset[str], audience: object) -> str:
    if not isinstance(audience, str) or audience not in origins:
        raise InvalidClaimError("aud")
    return audience


def parse_origins(text: str) -> frozenset[str]:
    """Origins from a list with commas.

    :raises SettingError: naming the first that is not ``https://host`` or ``http://host``, with a port or without
    """
    return frozenset(_parse_origin(entry.strip()) for entry in text.split(",") if entry.strip())


def _parse_origin(text: str) -> str:
    parts = urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or text.rstrip("/") != f"{parts.scheme}://{parts.netloc}"
    ):
        raise SettingError(f"COURSEPULSE_EMBED_ORIGINS: {text!r} must look like https://lms.example.edu.")
    if set(parts.netloc) & set(";,' *@"):
        raise SettingError(f"COURSEPULSE_EMBED_ORIGINS: {text!r} must name one host.")
    return text.rstrip("/").lower()

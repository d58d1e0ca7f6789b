"""API keys: who may knock, and what for."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from coursepulse.kit.errors import RequestError, SettingError
from coursepulse.kit.settings import Settings

INGEST, BACKFILL, ROSTER, READ, PRIVACY = "ingest", "backfill", "roster", "read", "privacy"

#: What a key can be allowed to do.
SCOPES = frozenset({INGEST, BACKFILL, ROSTER, READ, PRIVACY})


class Key(NamedTuple):
    """A known caller. The secret itself is not kept."""

    name: str
    scopes: frozenset[str]


class KeyRing:
    """Finds the key that belongs to a secret, in a time that does not depend on how much of it is right."""

    def __init__(self, keys: Iterable[tuple[str, Key]]) -> None:
        self._keys = [(_digest(secret), key) for secret, key in keys]

    def require(self, secret: str | None, scope: str) -> Key:
        """The key with this secret.

        :raises RequestError: 401 without a secret, 403 with a wrong one or without ``scope``
        """
        if not secret:
            raise RequestError("key_missing", "Send an API key as `Authorization: Bearer <key>`.", 401)
        key = self._find(secret)
        if key is None:
            raise RequestError(
                "key_unknown", "This API key is not known here; check it for typing errors.", 403
            )
        if scope not in key.scopes:
            raise RequestError("scope_missing", f"The key `{key.name}` lacks the scope `{scope}`.", 403)
        return key

    def _find(self, secret: str) -> Key | None:
        digest = _digest(secret)
        found = None
        for known, key in self._keys:
            if hmac.compare_digest(known, digest):
                found = key
        return found


def parse_keys(text: str) -> list[tuple[str, Key]]:
    """Keys from ``name:secret:scope+scope,name:…``.

    :raises SettingError: naming the entry that does not look like this
    """
    return [_parse_key(entry.strip()) for entry in text.split(",") if entry.strip()]


def _parse_key(entry: str) -> tuple[str, Key]:
    name, _, rest = entry.partition(":")
    secret, _, scopes = rest.rpartition(":")
    wanted = frozenset(scopes.split("+"))
    if not name or not secret or not wanted <= SCOPES:
        known = "+".join(sorted(SCOPES))
        raise SettingError(f"COURSEPULSE_API_KEYS: the key {name!r} must look like name:secret:{known}.")
    return secret, Key(name, wanted)


def open_keys(settings: Settings) -> KeyRing:
    """The keys of the settings, and those in ``keys.json`` of the data directory.

    That file maps a name to a secret with every scope. It is made with one key, ``local``, for the commands
    that run on the same machine; only the user who runs the server can read it.

    :raises SettingError: when a key is malformed, or the file cannot be read
    """
    path = settings.data / "keys.json"
    try:
        local = _read_local(path) if path.exists() else _make_local(path)
    except (OSError, msgspec.DecodeError) as error:
        raise SettingError(f"{path} cannot be used: {error}.") from None
    return KeyRing(
        parse_keys(settings.api_keys) + [(secret, Key(name, SCOPES)) for name, secret in local.items()]
    )


def _read_local(path: Path) -> dict[str, str]:
    return msgspec.json.decode(path.read_bytes(), type=dict[str, str])


def _make_local(path: Path) -> dict[str, str]:
    keys = {"local": secrets.token_urlsafe(24)}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"keys.{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(keys))
    draft.replace(path)
    return keys


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()

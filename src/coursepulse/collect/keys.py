"""API keys: who may call, and what for."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from coursepulse.kit.clock import Micros
from coursepulse.kit.errors import RequestError, SettingError
from coursepulse.kit.settings import Settings

INGEST, BACKFILL, ROSTER, READ = "ingest", "backfill", "roster", "read"
AUDIT, EMBED, PRIVACY, MONITOR, ADMIN = "audit", "embed", "privacy", "monitor", "admin"
JOBS = "jobs"

#: What a key can be allowed to do.
SCOPES = frozenset({INGEST, BACKFILL, ROSTER, READ, AUDIT, EMBED, PRIVACY, MONITOR, JOBS})

#: What the keys of ``keys.json`` may do: also manage accounts and keys. No other key can be given that.
LOCAL_SCOPES = SCOPES | {ADMIN}


#: The sender of the dead letters that the pipeline itself made. A key of that name would get them.
PIPELINE_SOURCE = "pipeline"


class Key(NamedTuple):
    """A known caller. The secret itself is not kept."""

    name: str
    scopes: frozenset[str]


class Issued(NamedTuple):
    """A key that was made while the server ran, and the digest of its secret."""

    digest: bytes
    key: Key


class KeyFacts(NamedTuple):
    """A key without its secret.

    :param created_by: who made it, as the audit trail names them
    """

    name: str
    scopes: tuple[str, ...]
    created_at: Micros
    created_by: str
    last_used_at: Micros | None
    revoked_at: Micros | None


class KeyRing:
    """Finds the key for a secret.

    Keys are found by the SHA-256 of the secret: how long that takes says nothing about how much of a guess is right,
    because one wrong character makes another digest altogether.
    """

    def __init__(self, keys: Iterable[tuple[str, Key]]) -> None:
        self._fixed = {digest_secret(secret): key for secret, key in keys}
        self._issued: dict[bytes, Key] = {}
        self._used: set[str] = set()

    @property
    def fixed_names(self) -> frozenset[str]:
        """Names that cannot be given: of the keys in the settings and in ``keys.json``, and of the pipeline."""
        return frozenset({PIPELINE_SOURCE, *(key.name for key in self._fixed.values())})

    def follow(self, issued: Iterable[Issued]) -> None:
        """Replace the issued keys known so far."""
        self._issued = dict(issued)

    def take_used(self) -> set[str]:
        """Names of the issued keys used since the last call."""
        used, self._used = self._used, set()
        return used

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

    def allows(self, secret: str, scope: str) -> bool:
        """Whether there still is a key with this secret, and ``scope``. Nobody uses it by asking."""
        digest = digest_secret(secret)
        key = self._fixed.get(digest) or self._issued.get(digest)
        return key is not None and scope in key.scopes

    def find(self, secret: str | None) -> Key | None:
        """The key with this secret, whatever its scopes; None where there is no such key."""
        return self._find(secret) if secret else None

    def _find(self, secret: str) -> Key | None:
        digest = digest_secret(secret)
        key = self._fixed.get(digest)
        if key is None and (key := self._issued.get(digest)) is not None:
            self._used.add(key.name)
        return key


class KeyFile:
    """The issued keys beside the log, so that they open the collector while every database is down.

    Only digests are in it. It is replaced as a whole: a crash leaves the old one or the new one.
    """

    def __init__(self, path: Path, ring: KeyRing) -> None:
        self._path, self._ring = path, ring
        ring.follow(_read_issued(path))

    def record(self, issued: Sequence[Issued]) -> None:
        """These are the keys from now on.

        :raises OSError: when they cannot be written; they hold all the same until the restart
        """
        self._ring.follow(issued)
        rows = [(each.digest.hex(), each.key.name, sorted(each.key.scopes)) for each in issued]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        _replace(self._path, msgspec.json.encode(rows))


def parse_keys(text: str) -> list[tuple[str, Key]]:
    """Keys from ``name:secret:scope+scope,name:…``.

    :raises SettingError: saying which entry does not look like this
    """
    entries = [entry.strip() for entry in text.split(",")]
    return [_parse_key(entry, place) for place, entry in enumerate(entries, 1) if entry]


def _parse_key(entry: str, place: int) -> tuple[str, Key]:
    name, _, rest = entry.partition(":")
    secret, _, scopes = rest.rpartition(":")
    wanted = frozenset(scopes.split("+"))
    if name == PIPELINE_SOURCE:
        raise SettingError(
            f"COURSEPULSE_API_KEYS: no key can be called {PIPELINE_SOURCE}; choose another name."
        )
    if not name or not secret or not wanted <= SCOPES:
        known = "+".join(sorted(SCOPES))
        # By its place: in an entry that is not well formed any part may be the secret.
        raise SettingError(f"COURSEPULSE_API_KEYS: entry {place} must look like name:secret:{known}.")
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
        if PIPELINE_SOURCE in local:
            raise SettingError(f"{path}: no key can be called {PIPELINE_SOURCE}; choose another name.")
    except (OSError, msgspec.DecodeError) as error:
        raise SettingError(f"{path} cannot be used: {error}.") from None
    return KeyRing(
        parse_keys(settings.api_keys) + [(secret, Key(name, LOCAL_SCOPES)) for name, secret in local.items()]
    )


def _read_local(path: Path) -> dict[str, str]:
    return msgspec.json.decode(path.read_bytes(), type=dict[str, str])


def _make_local(path: Path) -> dict[str, str]:
    keys = {"local": secrets.token_urlsafe(24)}
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, msgspec.json.encode(keys))
    return keys


def _read_issued(path: Path) -> list[Issued]:
    if not path.exists():
        return []
    try:
        rows = msgspec.json.decode(path.read_bytes(), type=list[tuple[str, str, list[str]]])
        return [Issued(bytes.fromhex(digest), Key(name, frozenset(scopes))) for digest, name, scopes in rows]
    except (msgspec.MsgspecError, ValueError):
        raise SettingError(
            f"{path} is damaged; delete it, and the next start will rebuild it from PostgreSQL."
        ) from None


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.stem}.{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def digest_secret(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()

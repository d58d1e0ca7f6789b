"""API keys in PostgreSQL, and the feed that brings them to the collector."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from coursepulse.collect.keys import Issued, Key, KeyFacts, digest_secret
from coursepulse.kit.clock import Clock, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Marks a secret, so that scanners of repositories can find a leaked one.
_PREFIX = "cpk_"


class KeyStore:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock

    def add(self, name: str, scopes: Sequence[str], created_by: str) -> tuple[str, KeyFacts] | None:
        """Create a key; returns its secret, which is shown once and not stored. None if the name is in use."""
        secret = _PREFIX + secrets.token_urlsafe(32)
        row = self._one(
            "key_add",
            name=name,
            digest=digest_secret(secret),
            scopes=sorted(scopes),
            created_by=created_by,
        )
        return None if row is None else (secret, _facts(row))

    def revoke(self, name: str) -> KeyFacts | None:
        """Revoke a key; None if no key with this name is in use."""
        row = self._one("key_revoke", name=name)
        return None if row is None else _facts(row)

    def everything(self) -> list[KeyFacts]:
        """Every key, those in use first."""
        with translate_errors("The keys"), self._pool.connection() as connection:
            return [_facts(row) for row in connection.execute(_QUERIES["key_list"])]

    def note_use(self, names: Iterable[str]) -> None:
        """Record that keys were used just now."""
        used = list(names)
        if used:
            values = {"names": used, "now": from_micros(self._clock())}
            with translate_errors("The keys"), self._pool.connection() as connection:
                connection.execute(_QUERIES["key_used"], values)

    def _one(self, query: str, /, **values: object) -> tuple[Any, ...] | None:
        given = values | {"now": from_micros(self._clock())}
        with translate_errors("The keys"), self._pool.connection() as connection:
            return connection.execute(_QUERIES[query], given).fetchone()


class KeyFeed:
    """Passes the valid keys to the collector. There are few, so each poll reads all of them and misses nothing.

    :param apply: called with the keys whenever they have changed
    """

    def __init__(self, pool: Pool, apply: Callable[[Sequence[Issued]], None]) -> None:
        self._pool, self._apply = pool, apply
        self._seen: list[Issued] | None = None
        self._polling = threading.Lock()

    def poll(self) -> None:
        """Pass on the keys if they have changed.

        :raises StoreUnavailable: the collector keeps those it knows
        """
        with self._polling:
            with translate_errors("The keys"), self._pool.connection() as connection:
                rows = connection.execute(_QUERIES["key_ring"]).fetchall()
            keys = [Issued(digest, Key(name, frozenset(scopes))) for digest, name, scopes in rows]
            if keys != self._seen:
                self._apply(keys)
                self._seen = keys


def _facts(row: tuple[Any, ...]) -> KeyFacts:
    name, scopes, created_at, created_by, used, revoked = row
    return KeyFacts(
        name,
        tuple(scopes),
        to_micros(created_at),
        created_by,
        None if used is None else to_micros(used),
        None if revoked is None else to_micros(revoked),
    )

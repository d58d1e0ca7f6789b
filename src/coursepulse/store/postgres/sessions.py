"""Sessions in PostgreSQL: only the hash of a token is stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from uuid import UUID

from coursepulse.access.accounts import Account, Session
from coursepulse.access.viewer import Role
from coursepulse.kit.clock import MINUTE, Clock, Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Precision of the time of last use: recording every request would write more than all pages read.
_TOUCH = MINUTE


class SessionStore:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param idle: a session ends after this long without a request
    :param longest: a session ends this long after its beginning
    """

    def __init__(self, pool: Pool, clock: Clock, *, idle: Micros, longest: Micros) -> None:
        self._pool, self._clock, self._idle, self._longest = pool, clock, idle, longest

    def begin(self, account_id: str) -> str:
        """A new session of an account; returns its token."""
        return self._begin(account_id=UUID(account_id), student_id=None, lasting=self._longest)

    def begin_embedded(self, student_id: bytes, lasting: Micros) -> str:
        """A new session of a page that shows one student; returns its token."""
        return self._begin(account_id=None, student_id=UUID(bytes=student_id), lasting=lasting)

    def find(self, token: str) -> Session | None:
        """The session of a token, if it has not ended."""
        now = self._clock()
        asked = {
            "token_hash": hash_token(token),
            "now": from_micros(now),
            "idle_since": self._idle_since(now),
        }
        with translate_errors("The sessions"), self._pool.connection() as connection:
            row = connection.execute(_QUERIES["session_find"], asked).fetchone()
            if row is None:
                return None
            if now - to_micros(row[1]) > _TOUCH:
                connection.execute(_QUERIES["session_touch"], asked)
        if row[0] is not None:
            return Session(None, row[0].bytes)
        account = Account(
            account_id=str(row[2]),
            login_name=row[3],
            role=Role(row[4]),
            student_id=row[5] and row[5].bytes,
            organisation_id=row[6],
            language=row[7],
        )
        return Session(account, None)

    def alive(self, tokens: Collection[str]) -> set[str]:
        """Those of some tokens whose session has not ended. Asking does not prolong it."""
        now, hashes = self._clock(), {hash_token(token): token for token in tokens}
        asked = {"hashes": list(hashes), "now": from_micros(now), "idle_since": self._idle_since(now)}
        with translate_errors("The sessions"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["session_alive"], asked).fetchall()
        return {hashes[bytes(token_hash)] for (token_hash,) in rows}

    def end(self, token: str) -> None:
        """End one session."""
        self._run("session_end", token_hash=hash_token(token))

    def end_all(self, account_id: str) -> None:
        """End every session of an account."""
        self._run("session_end_all", account_id=UUID(account_id))

    def purge(self) -> None:
        """Delete expired sessions."""
        now = self._clock()
        self._run("session_purge", now=from_micros(now), idle_since=self._idle_since(now))

    def _begin(self, *, account_id: UUID | None, student_id: UUID | None, lasting: Micros) -> str:
        token, now = secrets.token_urlsafe(32), self._clock()
        self._run(
            "session_add",
            token_hash=hash_token(token),
            account_id=account_id,
            student_id=student_id,
            now=from_micros(now),
            expires_at=from_micros(now + lasting),
        )
        return token

    def _idle_since(self, now: Micros) -> object:
        return from_micros(now - self._idle)

    def _run(self, name: str, **values: object) -> None:
        with translate_errors("The sessions"), self._pool.connection() as connection:
            connection.execute(_QUERIES[name], values)


def hash_token(token: str) -> bytes:
    """The stored hash of a token. A token has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()

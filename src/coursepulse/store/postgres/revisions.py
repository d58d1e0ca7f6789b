"""How far the tables that jobs wait for have changed: one query for all jobs instead of one for each."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class Revisions(NamedTuple):
    """What was found by the last query.

    :param consents: number of the newest decision
    :param enrolments: number of the newest change of enrolments
    :param keys: another text whenever a key was made or revoked
    :param requests: whether somebody waits for an export or an erasure
    """

    consents: int = -1
    enrolments: int = -1
    keys: str = ""
    requests: bool = False


class RevisionWatch:
    """Remembers the latest revisions. One thread updates them, any may read."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.latest = Revisions()

    def update(self) -> None:
        """Ask PostgreSQL.

        :raises StoreUnavailable: when it does not answer; the revisions stay as they were
        """
        with translate_errors("The revisions"), self._pool.connection() as connection:
            row = connection.execute(_QUERIES["revisions"]).fetchone()
        self.latest = Revisions(*row) if row else self.latest

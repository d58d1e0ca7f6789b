"""What jobs wait for in PostgreSQL, found out in one look instead of one for each of them."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class Tidings(NamedTuple):
    """What was there at the last look.

    :param consents: number of the newest decision
    :param enrolments: number of the newest change of enrolments
    :param keys: another text whenever a key was made or revoked
    :param requests: whether somebody waits for an export or an erasure
    """

    consents: int = -1
    enrolments: int = -1
    keys: str = ""
    requests: bool = False


class NewsStand:
    """Looks, and remembers what it saw. One thread looks, any may read."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.news = Tidings()

    def look(self) -> None:
        """Look again.

        :raises StoreUnavailable: when PostgreSQL does not answer; nothing is new then
        """
        with translate_errors("The news"), self._pool.connection() as connection:
            row = connection.execute(_QUERIES["news"]).fetchone()
        self.news = Tidings(*row) if row else self.news

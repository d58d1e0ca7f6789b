"""What makes kept results void on every server, beside the versions of what they are made of."""

from __future__ import annotations

from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class ResultChanges:
    """A :class:`~coursepulse.metrics.cache.port.SharedChanges`.

    In PostgreSQL and not beside the results, because each question reads the versions here anyway: a server that
    reaches no Redis, or another one, hears of it all the same.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def forget(self) -> None:
        self._run("results_forget")

    def renew(self) -> None:
        self._run("results_renew")

    def _run(self, name: str) -> None:
        with translate_errors("The changes of results"), self._pool.connection() as connection:
            connection.execute(_QUERIES[name])

"""What goes on right now, told from process to process while somebody looks, by two tables that are never logged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

#: Looks that workers answer; of more, the latest.
_MOST = 2_000

_QUERIES = Queries("coursepulse.store.postgres.queries")


class ToldByOthers(NamedTuple):
    """What the other workers say.

    :param said: one for each that has said something lately
    :param awaited: how many have not
    """

    said: list[bytes]
    awaited: int


class LiveBoard:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param name: of this process, unlike any other
    """

    def __init__(self, pool: Pool, name: str) -> None:
        self._pool, self._name = pool, name

    def want(self, subject: str) -> None:
        """Somebody looks at it, for the next seconds."""
        self._run("live_want", subject=subject)

    def wanted(self) -> list[str]:
        """What somebody looks at, at this server or another."""
        return [subject for (subject,) in self._run("live_wanted", most=_MOST)]

    def tell(self, said: Mapping[str, bytes]) -> None:
        """What this worker knows of each."""
        with translate_errors("Right now"), self._pool.connection() as connection:
            connection.cursor().executemany(
                _QUERIES["live_tell"],
                [
                    {"subject": subject, "name": self._name, "outputs": outputs}
                    for subject, outputs in said.items()
                ],
            )

    def told(self, subject: str) -> ToldByOthers:
        """What the other workers know of it."""
        rows = self._run("live_told", subject=subject)
        said = [bytes(outputs) for _, outputs in rows if outputs is not None]
        return ToldByOthers(said, len(rows) - len(said))

    def forget(self) -> None:
        """Drop everything that was said: somebody is being taken out."""
        self._run("live_forget")

    def prune(self) -> None:
        """Drop what nobody looks at any more."""
        self._run("live_prune")

    def _run(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        with translate_errors("Right now"), self._pool.connection() as connection:
            cursor = connection.execute(_QUERIES[query], {"name": self._name, **values})
            return cursor.fetchall() if cursor.description else []

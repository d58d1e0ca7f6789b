"""How much room each store takes, day by day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from clickhouse_connect.driver.client import Client

from coursepulse.kit.clock import Clock, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import translate_errors as translate_clickhouse
from coursepulse.store.postgres.connect import Pool, translate_errors

_POSTGRES = Queries("coursepulse.store.postgres.queries")
_CLICKHOUSE = Queries("coursepulse.store.clickhouse.queries")

#: Days over which growth is looked at.
GROWTH_DAYS = 30


class StoreSizes:
    """Measures the stores, and remembers one measurement a day.

    :param folder: where the log and the dead letters are
    """

    def __init__(self, pool: Pool, open_clickhouse: Callable[[], Client], folder: Path, clock: Clock) -> None:
        self._pool, self._open, self._folder, self._clock = pool, open_clickhouse, folder, clock

    def measure(self) -> None:
        """Remember how large each store is today; a later measurement of the day takes the place of an earlier one.

        :raises StoreUnavailable: when a database does not answer
        """
        sizes = self._files() | {"clickhouse": self._clickhouse()}
        today = from_micros(self._clock()).date()
        values = {"day": today, "stores": list(sizes), "sizes": list(sizes.values())}
        with translate_errors("Sizes of stores"), self._pool.connection() as connection:
            connection.execute(_POSTGRES["sizes_note"], values)

    def grown(self) -> list[dict[str, object]]:
        """The latest size of each store, and by how much it has grown in 30 days, or since it was first measured.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        names = ("store", "bytes", "grown", "days")
        values = {"today": from_micros(self._clock()).date(), "days": GROWTH_DAYS}
        with translate_errors("Sizes of stores"), self._pool.connection() as connection:
            rows = connection.execute(_POSTGRES["sizes_grown"], values).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _files(self) -> dict[str, int]:
        found = {"event_log": 0, "dead_letters": 0}
        for path in self._folder.glob("*.sqlite*"):
            name = "dead_letters" if path.name.startswith("dead-letters") else "event_log"
            found[name] += path.stat().st_size
        return found

    def _clickhouse(self) -> int:
        with translate_clickhouse("Sizes of stores"):
            return int(self._open().query(_CLICKHOUSE["size_on_disk"]).result_rows[0][0])

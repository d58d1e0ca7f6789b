"""The work tables of a process: each that writes rollups empties and fills its own, so that none reads another's."""

from __future__ import annotations

import re
from collections.abc import Collection

from clickhouse_connect.driver.client import Client

from coursepulse.kit.sql import Queries

_QUERIES = Queries("coursepulse.aggregates.clickhouse.writes")

#: As ``store/clickhouse/schema.sql`` has them: the tables of a process that has the stores to itself.
WORK_TABLES = ("session_hours", "wanted_days", "touched_learners", "touched_watch")

_DAY = 86_400

_NAMES = re.compile(rf"\b({'|'.join(WORK_TABLES)})\b")


class Desk:
    """Work tables with a name behind theirs; without a name, those of the schema.

    :param name: letters and digits
    """

    def __init__(self, name: str = "") -> None:
        self._behind = f"_{name}" if name else ""

    def lay(self, client: Client) -> None:
        """Make the tables. They hold nothing that anybody would miss."""
        if self._behind:
            for table in WORK_TABLES:
                # Anew, so that it is as young as its process.
                client.command(_QUERIES["drop_work_table"], parameters={"table": self.at(table)})
                client.command(f"CREATE TABLE IF NOT EXISTS {self.at(table)} AS {table} ENGINE = Memory")

    def at(self, text: str) -> str:
        """A statement, or the name of a table, about the tables of this process."""
        return _NAMES.sub(rf"\1{self._behind}", text) if self._behind else text


def desk_name(process: str) -> str:
    """Of the tables of a process, by its name."""
    return process.rpartition("-")[2]


def clear_away(client: Client, workers: Collection[str], seconds: int = _DAY) -> list[str]:
    """Drop the tables of processes that are gone; returns their names.

    :param workers: the names of all processes that were there within the last day
    :param seconds: the age of the tables that may go. A process that has just laid its own may not be on the list yet
    """
    kept = {f"{table}_{desk_name(worker)}" for table in WORK_TABLES for worker in workers}
    values = {"seconds": seconds, "pattern": f"^({'|'.join(WORK_TABLES)})_[0-9a-z]+$"}
    found = [row[0] for row in client.query(_QUERIES["old_work_tables"], parameters=values).result_rows]
    gone = [table for table in found if table not in kept]
    for table in gone:
        client.command(_QUERIES["drop_work_table"], parameters={"table": table})
    return gone

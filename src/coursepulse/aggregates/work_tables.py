"""The work tables of a process: each that writes rollups empties and fills its own, so that none reads another's."""

from __future__ import annotations

import re

from clickhouse_connect.driver.client import Client

#: As ``store/clickhouse/schema.sql`` has them: the tables of a process that has the stores to itself.
WORK_TABLES = ("session_hours", "wanted_days", "touched_learners", "touched_watch")

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
                client.command(f"CREATE TABLE IF NOT EXISTS {self.at(table)} AS {table} ENGINE = Memory")

    def at(self, text: str) -> str:
        """A statement, or the name of a table, about the tables of this process."""
        return _NAMES.sub(rf"\1{self._behind}", text) if self._behind else text

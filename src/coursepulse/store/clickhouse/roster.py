"""The enrolments of the roster, in the table that the metrics read."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from coursepulse.campus.enrolments import Listing
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import translate_errors

_QUERIES = Queries("coursepulse.store.clickhouse.queries")

_COLUMNS = pa.schema(
    [
        ("course_id", pa.string()),
        ("student_id", pa.binary(16)),
        ("starts_on", pa.date32()),
        ("known_on", pa.date32()),
        ("left_on", pa.date32()),
        ("version", pa.uint64()),
    ]
)


class RosterCopy:
    """Fills the table ``roster_enrolments``. Every method raises StoreUnavailable when ClickHouse does not answer.

    :param client: its own: a client serves one thread
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def newest(self) -> tuple[int, int]:
        """The newest change in the table (0 for none), and how many rows came with it."""
        with translate_errors("ClickHouse roster"):
            [(version, rows)] = self._client.query(_QUERIES["roster_newest"]).result_rows
        return int(version), int(rows)

    def put(self, listings: Sequence[Listing]) -> None:
        """Add rows, replacing those about the same learners."""
        columns = [
            pa.array(values, field.type)
            for values, field in zip(zip(*listings, strict=True), _COLUMNS, strict=True)
        ]
        with translate_errors("ClickHouse roster"):
            self._client.insert_arrow("roster_enrolments", pa.Table.from_arrays(columns, schema=_COLUMNS))

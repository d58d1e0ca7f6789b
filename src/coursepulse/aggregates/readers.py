"""Reading ClickHouse by named queries: for metrics, and for profiles."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

import polars as pl
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.row import QueryFrames, QueryRows, Row
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import translate_errors

Answer = TypeVar("Answer")

#: Threads for the second and further queries of metrics that read several.
_HELPERS = 4

#: Students that a query names at a time: a server takes parameters of up to 128 KiB (http_max_field_value_size).
_SOME = 1000

#: The parameter with the students that a total leaves out. There may be as many as have left a course.
APART = "apart"

#: A text with so many pseudonyms in it is longer than others may be.
_LONG = {"max_query_size": 64 * 1024 * 1024}


#: What profiles ask of ClickHouse, and metrics too.
QUERIES = Queries("coursepulse.aggregates.clickhouse.reads")


class RollupReader:
    """Named queries on ClickHouse.

    :param open_client: called once in each thread that reads, because a client serves one thread at a time
    :param queries: their texts by name
    """

    def __init__(self, open_client: Callable[[], Client], queries: Mapping[str, str]) -> None:
        self._open = open_client
        self._queries = queries
        self._local = threading.local()
        self._helpers = ThreadPoolExecutor(_HELPERS, "metrics")

    def read(self, names: Sequence[str], values: Mapping[str, Any]) -> QueryRows:
        """The rows of several queries, asked side by side: planning one keeps one core busy.

        :raises StoreUnavailable: when ClickHouse does not answer
        """
        return self._side_by_side(self.rows, names, values)

    def read_in_turns(
        self, names: Sequence[str], values: Mapping[str, Any], by: str = "students", at_a_time: int = _SOME
    ) -> QueryRows:
        """The same for queries with rows of their own for each of ``students``, however many there are.

        :param by: another list than that of students
        :raises StoreUnavailable: when ClickHouse does not answer
        """
        everything = values[by]
        some = [everything[first : first + at_a_time] for first in range(0, len(everything), at_a_time)]
        answers = [self.read(names, {**values, by: each}) for each in some]
        return {name: [row for each in answers for row in each[name]] for name in names}

    def frames(self, names: Sequence[str], values: Mapping[str, Any]) -> QueryFrames:
        """The same as columns; pseudonyms are bytes.

        :raises StoreUnavailable: when ClickHouse does not answer
        """
        return self._side_by_side(self._frame, names, values)

    def _side_by_side(
        self,
        read: Callable[[str, Mapping[str, Any]], Answer],
        names: Sequence[str],
        values: Mapping[str, Any],
    ) -> dict[str, Answer]:
        first, *others = names
        asked = {name: self._helpers.submit(read, name, values) for name in others}
        return {first: read(first, values)} | {name: answer.result() for name, answer in asked.items()}

    def _frame(self, name: str, values: Mapping[str, Any]) -> pl.DataFrame:
        with translate_errors("ClickHouse metrics"):
            table = self._client().query_arrow(self._queries[name], parameters=dict(values), use_strings=True)
        return pl.DataFrame(pl.from_arrow(table))

    def rows(self, name: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a query.

        :raises StoreUnavailable: when ClickHouse does not answer
        """
        with translate_errors("ClickHouse metrics"):
            # Without aware moments a reader could not tell UTC from local time.
            text, left = self._bind(self._queries[name], values)
            answer = self._client().query(
                text, parameters=left, settings=_LONG if len(left) < len(values) else None, tz_mode="aware"
            )
        return [dict(zip(answer.column_names, row, strict=True)) for row in answer.result_rows]

    @staticmethod
    def _bind(text: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """A query and its parameters; a list that is too long for a parameter stands in the text."""
        left = dict(values)
        if len(left.get(APART, ())) <= _SOME:
            return text, left
        # Pseudonyms as UUIDs: nothing in them could be taken for more than a value.
        listed = ", ".join(f"'{UUID(student)}'" for student in left.pop(APART))
        return text.replace(f"{{{APART}:Array(UUID)}}", f"[{listed}]"), left

    def _client(self) -> Client:
        if not hasattr(self._local, "client"):
            self._local.client = self._open()
        client: Client = self._local.client
        return client

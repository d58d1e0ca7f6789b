"""Students who have not agreed to analytics, in the table that the metrics read."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from clickhouse_connect.driver.client import Client

from coursepulse.kit.ids import to_text
from coursepulse.kit.sql import Queries
from coursepulse.privacy.consent import Consents, Purpose
from coursepulse.store.clickhouse.connect import translate_errors

_QUERIES = Queries("coursepulse.store.clickhouse.queries")

#: Students of one insert.
_AT_ONCE = 10_000


class Changed(NamedTuple):
    """Students who no longer agree, and students who agree again."""

    left: list[bytes]
    back: list[bytes]


class NotAgreed:
    """Keeps the table ``not_agreed`` equal to what the collector knows. Unknown means no.

    :param client: used by nothing else; calls take turns
    :param consents: what the collector knows; at least as new as the decisions passed in
    """

    def __init__(self, client: Client, consents: Consents) -> None:
        self._client, self._consents = client, consents
        self._lock = threading.Lock()
        with translate_errors("ClickHouse consents"):
            [(marked, version)] = client.query(_QUERIES["consent_marked"]).result_rows
        self._marked = {student.bytes for student in marked}
        self._version = int(version)

    def check_all(self) -> None:
        """Check every student who ever had an event: once, while nothing is marked yet."""
        if not self._marked:
            with self._lock, translate_errors("ClickHouse consents"):
                rows = self._client.query(_QUERIES["consent_seen"]).result_rows
            self.check({row[0].bytes for row in rows})

    def check(self, students: Collection[bytes]) -> None:
        """Call before events of these students are counted, so that those who do not agree never count."""
        with self._lock:
            allows, purpose = self._consents.allows, Purpose.ANALYTICS
            new = {student for student in students if student not in self._marked}
            self._write([student for student in new if not allows(student, purpose)], removed=False)

    def judge(self, students: Collection[bytes]) -> Changed:
        """Check the consents of these students again."""
        with self._lock:
            allows, purpose = self._consents.allows, Purpose.ANALYTICS
            refused = {student for student in students if not allows(student, purpose)}
            left = [student for student in refused if student not in self._marked]
            back = [student for student in students if student in self._marked and student not in refused]
            self._write(left, removed=False)
            self._write(back, removed=True)
        return Changed(left, back)

    def days(self, students: Collection[bytes]) -> set[date]:
        """The UTC days on which these students had events: their totals change with consent."""
        if not students:
            return set()
        values = {"students": [to_text(student) for student in students]}
        with self._lock, translate_errors("ClickHouse consents"):
            return {
                day for (day,) in self._client.query(_QUERIES["consent_days"], parameters=values).result_rows
            }

    def replace(self, student: bytes, replacement: bytes, *, agreed: bool) -> None:
        """After an erasure: forget the student, and mark whether the replacement agreed."""
        with self._lock:
            self._marked.discard(student)
            if agreed == (replacement in self._marked):
                self._write([replacement], removed=agreed)

    def _write(self, students: list[bytes], *, removed: bool) -> None:
        for start in range(0, len(students), _AT_ONCE):
            some = students[start : start + _AT_ONCE]
            self._version += 1
            values = {
                "students": [to_text(student) for student in some],
                "version": self._version,
                "removed": int(removed),
            }
            with translate_errors("ClickHouse consents"):
                self._client.command(_QUERIES["consent_mark"], parameters=values)
            if removed:
                self._marked.difference_update(some)
            else:
                self._marked.update(some)

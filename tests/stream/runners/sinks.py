"""Where the outputs of processors go in tests."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from coursepulse.kit.clock import MINUTE, Micros
from coursepulse.stream.processor import Changes, Output

#: The lateness of the processors of these tests.
LATE = 20 * MINUTE


class Table:
    """Keeps the newest output of each id, as a table with a primary key does."""

    kinds: ClassVar[Collection[str]] = ("session", "session_end", "stuck", "video", "attempt", "alert")

    def __init__(self) -> None:
        self.rows: dict[bytes, Output] = {}
        self.calls: list[Changes] = []

    def apply(self, changes: Changes) -> None:
        self.calls.append(changes)
        for output_id in changes.withdrawn:
            self.rows.pop(output_id, None)
        self.rows |= {output.output_id: output for output in changes.put}

    def reconcile(self, outputs: Collection[Output], now: Micros) -> None:
        final = {key: row for key, row in self.rows.items() if row.until < now - LATE}
        self.rows = final | {output.output_id: output for output in outputs}

    def values(self) -> list[object]:
        return [output.value for output in self.rows.values()]

"""Where the outputs of processors go in tests."""

from __future__ import annotations

from coursepulse.stream.processor import Changes, Output


class Table:
    """Keeps the newest output of each id, as a table with a primary key does."""

    def __init__(self) -> None:
        self.rows: dict[bytes, Output] = {}
        self.calls: list[Changes] = []

    def __call__(self, changes: Changes) -> None:
        self.calls.append(changes)
        for output_id in changes.withdrawn:
            self.rows.pop(output_id, None)
        self.rows |= {output.output_id: output for output in changes.put}

    def values(self) -> list[object]:
        return [output.value for output in self.rows.values()]

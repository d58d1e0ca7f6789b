"""The names that students chose for leaderboards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation

from coursepulse.campus.board_names import BoardName, NameTrouble, fold_name
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class BoardNames:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def of(self, student: bytes) -> BoardName | None:
        """The name of a student; None for one who has never chosen any."""
        rows = self._ask("of", student=UUID(bytes=student))
        return BoardName(*rows[0]) if rows else None

    def choose(self, student: bytes, name: str, at: Micros) -> NameTrouble | None:
        """Give a student a name, in the place of an earlier one; or say why they cannot have it.

        :param name: as :func:`~coursepulse.campus.board_names.read_name` returns it
        """
        values = {
            "student": UUID(bytes=student),
            "name": name,
            "folded": fold_name(name),
            "at": from_micros(at),
        }
        with translate_errors("The names for leaderboards"):
            try:
                with self._pool.connection() as connection:
                    chosen = connection.execute(_QUERIES["board_names_choose"], values).fetchall()
            except UniqueViolation:
                return NameTrouble.TAKEN
        return None if chosen else NameTrouble.REFUSED

    def find(self, name: str) -> bytes | None:
        """The student with a name."""
        rows = self._ask("find", folded=fold_name(name))
        student: UUID | None = rows[0][0] if rows else None
        return None if student is None else student.bytes

    def remove(self, student: bytes, at: Micros) -> None:
        """Take the name of a student away: they are on no leaderboard until they choose another one."""
        self._ask("remove", student=UUID(bytes=student), at=from_micros(at))

    def _ask(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        with translate_errors("The names for leaderboards"), self._pool.connection() as connection:
            return connection.execute(_QUERIES[f"board_names_{query}"], values).fetchall()

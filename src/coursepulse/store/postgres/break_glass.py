"""Access grants (opened records) in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from coursepulse.access.basis import AccessKind
from coursepulse.access.grants import AccessGrant
from coursepulse.access.viewer import Viewer
from coursepulse.kit.clock import MINUTE, Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: How long a record stays open.
OPEN_FOR: Micros = 60 * MINUTE


class BreakGlass:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def number(self) -> int:
        """The number of the next grant: the audit trail names it before it exists."""
        with translate_errors("Break-glass"), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["break_glass_number"]).fetchone()
        return int(found[0]) if found else 0

    def open(self, number: int, viewer: Viewer, student: bytes, reason: str, now: Micros) -> AccessGrant:
        """Open a record for the viewer's account, from the next request on."""
        (grant,) = self._run(
            "open",
            **_row(number, viewer, student, reason, now),
            expires_at=from_micros(now + OPEN_FOR),
            kind=AccessKind.RECORD.value,
            about="",
        )
        return grant

    def flag(
        self,
        kind: AccessKind,
        about: str,
        viewer: Viewer,
        student: bytes | None,
        reason: str,
        now: Micros,
        number: int | None = None,
    ) -> None:
        """List a tied account or a key that reads, for administrators to acknowledge. Opens nothing."""
        self._run(
            "open",
            **_row(self.number() if number is None else number, viewer, student, reason, now),
            expires_at=from_micros(now + 1),
            kind=kind.value,
            about=about,
        )

    def find(self, account: str | None, limit: int = 1000) -> list[AccessGrant]:
        """The grants of one account or of all: unacknowledged first, then newest."""
        return self._run("list", account=account, limit=limit)

    def reasons(self, numbers: Collection[int]) -> dict[int, str]:
        """The typed reasons of some grants; for erased students it says that they were removed."""
        with translate_errors("Break-glass"), self._pool.connection() as connection:
            return dict(
                connection.execute(_QUERIES["break_glass_reasons"], {"numbers": list(numbers)}).fetchall()
            )

    def find_opener(self, number: int) -> str | None:
        """The account that opened a record; None if there is no grant with this number."""
        with translate_errors("Break-glass"), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["break_glass_opener"], {"id": number}).fetchone()
        return str(found[0]) if found else None

    def acknowledge(self, number: int, by: str, now: Micros) -> AccessGrant | None:
        """Record that an administrator acknowledged a grant; None if there is none with this number."""
        return next(iter(self._run("acknowledge", id=number, by=by, at=from_micros(now))), None)

    def count_flagged(self) -> int:
        """How many grants no administrator has acknowledged."""
        with translate_errors("Break-glass"), self._pool.connection() as connection:
            found = connection.execute(_QUERIES["break_glass_flagged"]).fetchone()
        return int(found[0]) if found else 0

    def _run(self, name: str, **values: Any) -> list[AccessGrant]:
        with translate_errors("Break-glass"), self._pool.connection() as connection:
            return [
                AccessGrant(*row)
                for row in connection.execute(_QUERIES[f"break_glass_{name}"], values).fetchall()
            ]


def _row(number: int, viewer: Viewer, student: bytes | None, reason: str, now: Micros) -> dict[str, Any]:
    return {
        "id": number,
        "account": viewer.subject,
        "role": viewer.role.value,
        "student": None if student is None else UUID(bytes=student),
        "reason": reason,
        "request_id": viewer.request_id,
        "opened_at": from_micros(now),
    }

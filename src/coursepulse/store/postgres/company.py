"""What organisations have their people learn, in PostgreSQL: people stand in it by their pseudonyms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from coursepulse.campus.certificates import Certificate
from coursepulse.campus.seats import Budget, SeatPool
from coursepulse.campus.target_profiles import TargetProfile
from coursepulse.campus.trainings import Training
from coursepulse.kit.ids import to_text
from coursepulse.kit.sql import Queries
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)

Row = dict[str, Any]


class CompanyStore:
    """Of several rows about one thing the last one holds. Every method raises StoreUnavailable without PostgreSQL."""

    def __init__(self, pool: Pool, pseudonyms: Pseudonyms) -> None:
        self._pool, self._pseudonyms = pool, pseudonyms

    def known_teams(self, ids: Iterable[str]) -> set[str]:
        """Those of some teams that exist."""
        with translate_errors("The campus"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["company_known_teams"], {"ids": list(set(ids))}).fetchall()
        return {team for (team,) in rows}

    def put_trainings(self, trainings: Sequence[Training]) -> None:
        """Add assignments of training or change them."""
        teams = _last((row for row in trainings if row.team_id), lambda row: (row.team_id, row.course_id))
        people = _last(
            (row for row in trainings if row.external_id),
            lambda row: (row.external_id, row.organisation_id, row.course_id),
        )
        self._write(("put_team_trainings", teams), ("put_person_trainings", self._pseudonymise(people)))

    def put_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Add certificates or change them."""
        rows = _last(certificates, lambda row: (row.external_id, row.organisation_id, row.certificate_id))
        self._write(("put_certificates", self._pseudonymise(rows)))

    def put_profiles(self, profiles: Sequence[TargetProfile]) -> None:
        """Add target profiles or replace them with their needs and people."""
        rows = _last(profiles, lambda row: row.profile_id)
        needs = [need | {"profile_id": row["profile_id"]} for row in rows for need in row.pop("needs")]
        people = [
            {"profile_id": row["profile_id"], "external_id": person}
            for row in rows
            for person in row.pop("people")
        ]
        ids = [row["profile_id"] for row in rows]
        self._write(
            ("put_profiles", rows),
            ("clear_needs", ids),
            ("put_needs", needs),
            ("clear_people", ids),
            ("put_people", self._pseudonymise(people)),
        )

    def put_seats(self, seats: Sequence[SeatPool]) -> None:
        """Add seats or change them."""
        self._write(("put_seats", _last(seats, lambda row: row.pool_id)))

    def put_budgets(self, budgets: Sequence[Budget]) -> None:
        """Add budgets or change them."""
        self._write(("put_budgets", _last(budgets, lambda row: row.budget_id)))

    def _pseudonymise(self, rows: list[Row]) -> list[Row]:
        return [row | {"student_id": to_text(self._pseudonyms.of(row.pop("external_id")))} for row in rows]

    def _write(self, *statements: tuple[str, list[Row] | list[str]]) -> None:
        with translate_errors("The campus"), self._pool.connection() as connection, connection.transaction():
            for name, rows in statements:
                values = {"profiles": rows, "rows": msgspec.json.encode(rows).decode()}
                connection.execute(_QUERIES[f"company_{name}"], values)
            # Last: another writer then waits only for the rest of our transaction.
            connection.execute(_QUERIES["company_count_change"])


def _last(rows: Iterable[AnyStruct], key: Callable[[AnyStruct], object]) -> list[Row]:
    """The rows, of those about one thing the last one, taken apart to the values inside."""
    last = {key(row): row for row in rows}
    return [msgspec.to_builtins(row) for row in last.values()]

"""Erasure of a student in PostgreSQL: first the rows, then the bytes in files."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql

from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.sql import Queries
from coursepulse.privacy.anonymise import KEPT_TEXTS
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.erasable import DataSubject, Erased, ErasureMode
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Tables that are rewritten at the same time.
_AT_ONCE = 2

#: Seconds to wait for transactions that may still see what was deleted.
_PATIENCE = 30.0


#: Of models: none has a row about one student, and the next training is without the one who was erased.
_TRAINED = (
    "removed; no training set is kept, and the next training is without the student; "
    "models trained with their data: "
)


#: Of what processes tell each other. A single one tells nobody.
_CHANGED = "random id; what tells other processes to let go of the student stays for an hour"


class PostgresHolding(NamedTuple):
    """A table with data about students, and what each mode does to it.

    :param name: of the queries ``erasure_<name>_anonymise`` and ``erasure_<name>_delete``
    """

    name: str
    table: str
    anonymised: str
    deleted: str


#: Every table with data about students. A test compares the list with the actual columns.
HOLDINGS = (
    PostgresHolding(
        "person",
        "people",
        "name, e-mail and platform id removed; kept under the random id: the time zone and whether it was a learner",
        "removed",
    ),
    PostgresHolding("teaching", "teaching", "random id", "removed"),
    PostgresHolding("enrolments", "enrolments", "random id", "removed"),
    PostgresHolding("members", "course_members", "random id", "removed"),
    PostgresHolding("teams", "team_people", "removed", "removed"),
    PostgresHolding("trainings", "person_trainings", "removed", "removed"),
    PostgresHolding("certificates", "certificates", "removed", "removed"),
    PostgresHolding("roles", "target_people", "removed", "removed"),
    PostgresHolding(
        "reports", "report_schedules", "removed: those to the student and those about them", "removed"
    ),
    PostgresHolding("account", "accounts", "removed: a login name is personal", "removed"),
    PostgresHolding("sessions", "sessions", "ended", "ended"),
    PostgresHolding(
        "grants",
        "break_glass",
        "random id, typed reason removed; that a record was opened stays (34 CFR 99.32)",
        "random id, typed reason removed; that a record was opened stays (34 CFR 99.32)",
    ),
    PostgresHolding(
        "consents",
        "consents",
        "kept under the random id to show that what remains was agreed to (GDPR art. 7(1))",
        "removed; a keyed hash stays so that consents given before hold no more",
    ),
    PostgresHolding("board_name", "leaderboard_names", "removed", "removed"),
    PostgresHolding("goals", "goals", "removed", "removed"),
    PostgresHolding(
        "raw",
        "student_activity_events",
        "random student and session ids; network addresses and texts that could name a person removed",
        "removed",
    ),
    PostgresHolding("profile", "student_analytics_profiles", "random id", "removed"),
    PostgresHolding(
        "records",
        "academic_records",
        "kept under the random id for seven years: duty to keep academic records (GDPR art. 6(1)(c), 17(3)(b))",
        "removed",
    ),
    PostgresHolding("alerts", "alerts", "removed: they were about a person to talk to", "removed"),
    PostgresHolding("messages", "student_messages", "removed", "removed"),
    PostgresHolding("arms", "message_arms", "removed", "removed"),
    PostgresHolding("steps", "shown_steps", "removed", "removed"),
    PostgresHolding(
        "predictions", "risk_predictions", "removed: they were about a person to talk to", "removed"
    ),
    PostgresHolding("verdicts", "risk_verdicts", "removed", "removed"),
    PostgresHolding("trained", "risk_model_students", _TRAINED, _TRAINED),
    PostgresHolding(
        "changes",
        "changed_keys",
        _CHANGED,
        _CHANGED,
    ),
    PostgresHolding(
        "requests", "privacy_requests", "other requests of the student closed", "other requests closed"
    ),
)

#: Small tables that are rewritten as a whole. The planner's samples come last: they quote values of the others.
_REWRITTEN = (
    "people",
    "teaching",
    "enrolments",
    "course_members",
    "team_people",
    "person_trainings",
    "certificates",
    "target_people",
    "accounts",
    "sessions",
    "break_glass",
    "consents",
    "leaderboard_names",
    "goals",
    "student_analytics_profiles",
    "academic_records",
    "alerts",
    "student_messages",
    "message_arms",
    "shown_steps",
    "risk_predictions",
    "risk_verdicts",
    "risk_model_students",
    "privacy_requests",
    "mail_choices",
    "report_schedules",
    "mails",
    "mail_alerts",
    "webhooks",
    "webhook_messages",
    "changed_keys",
    "dead_letters",
)


class PostgresErasure:
    """:class:`coursepulse.privacy.erasable.Erasable` for every table in :data:`HOLDINGS`, in one transaction.

    :param request: the erasure request, which must stay
    """

    def __init__(self, pool: Pool, request: UUID) -> None:
        self._pool, self._request = pool, request

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:
        values = {
            "student": UUID(bytes=who.student),
            "replacement": UUID(bytes=who.replacement),
            "salt": who.salt,
            "external_id": who.external_id,
            "kept": list(KEPT_TEXTS),
            "request": self._request,
        }
        with translate_errors("The erasure"), self._pool.connection() as connection, connection.transaction():
            connection.execute(_QUERIES["erasure_unwithdraw"], values)
            return [_erase(connection, holding, who, mode, values) for holding in HOLDINGS]

    def agreed(self, who: DataSubject) -> bool:
        """Whether the replacement agrees to analytics, as the student did until the erasure."""
        values = {"replacement": UUID(bytes=who.replacement), "purpose": str(Purpose.ANALYTICS)}
        with translate_errors("The erasure"), self._pool.connection() as connection:
            row = connection.execute(_QUERIES["erasure_agreed"], values).fetchone()
        return bool(row and row[0])

    def days(self, who: DataSubject) -> list[date]:
        """The UTC days on which the student has raw events."""
        with translate_errors("The erasure"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["erasure_days"], {"student": UUID(bytes=who.student)})
            return [day for (day,) in rows]


def _erase(
    connection: psycopg.Connection,
    holding: PostgresHolding,
    who: DataSubject,
    mode: ErasureMode,
    values: dict[str, object],
) -> Erased:
    kept = mode is ErasureMode.ANONYMISE or (holding.name == "records" and who.keep_records)
    variant, note = ("anonymise", holding.anonymised) if kept else ("delete", holding.deleted)
    changed = connection.execute(_QUERIES[f"erasure_{holding.name}_{variant}"], values, prepare=False)
    named = ", ".join(sorted({str(name) for (name,) in changed})) if changed.description else ""
    note = note if not note.endswith(": ") else note + (named or "none")
    return Erased(f"PostgreSQL {holding.table}", max(0, changed.rowcount), note)


class Sweep:
    """Removes deleted data from the files of PostgreSQL: tables, indexes, samples, write-ahead log.

    :param pool: of the owner of the tables
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def run(self, days: list[date]) -> Iterator[list[Erased]]:
        """Rewrite the small tables and the partitions of ``days``, then empty the write-ahead log; a line after each.

        :raises StoreUnavailable: when a long transaction prevents it; sweep again later
        """
        with translate_errors("The sweep"):
            yield [self._rewrite(days)]
            with self._pool.connection() as connection:
                yield [_empty_wal(connection)]

    def _rewrite(self, days: list[date]) -> Erased:
        with self._pool.connection() as connection:
            _wait_for_readers(connection)
            found = connection.execute(_QUERIES["erasure_partitions"], {"days": days})
            tables = [*(partition for (partition,) in found), *_REWRITTEN]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(self._rewrite_table, tables))  # a list, so that an error is not lost
        with self._pool.connection() as connection:
            _on_table(connection, "erasure_rewrite", "pg_statistic")
        note = "tables and indexes written anew, so that nothing deleted is left in their files"
        return Erased("PostgreSQL files", len(tables), note)

    def _rewrite_table(self, table: str) -> None:
        with self._pool.connection() as connection:
            _on_table(connection, "erasure_rewrite", table)
            with connection.transaction():
                if table not in _REWRITTEN:
                    connection.execute(_QUERIES["erasure_sample"])
                _on_table(connection, "erasure_statistics", table)


def _on_table(connection: psycopg.Connection, query: str, table: str) -> None:
    connection.execute(sql.SQL(_QUERIES[query]).format(table=sql.Identifier(table)), prepare=False)


def _wait_for_readers(connection: psycopg.Connection) -> None:
    row = connection.execute(_QUERIES["erasure_moment"]).fetchone()
    before = row[0] if row else "0"
    deadline = time.monotonic() + _PATIENCE
    while (seen := connection.execute(_QUERIES["erasure_horizon"], {"before": before}).fetchone()) and seen[
        0
    ]:
        if time.monotonic() > deadline:
            raise StoreUnavailable(
                "A long transaction still sees what was erased; the sweep waits for its end."
            )
        time.sleep(0.1)


def _empty_wal(connection: psycopg.Connection) -> Erased:
    """Overwrite the prepared files of the write-ahead log and remove the used ones."""
    owner = connection.execute(_QUERIES["erasure_is_owner"]).fetchone()
    if not owner or not owner[0]:
        note = "not emptied: this role may not; the server's own rotation removes the old files"
        return Erased("PostgreSQL write-ahead log", 0, note)
    files = _count(connection, "erasure_wal_files")
    connection.execute(_QUERIES["erasure_wal_fresh"])
    connection.execute(_QUERIES["erasure_wal_reload"])
    try:
        # After this checkpoint the setting holds, and the files that an earlier one prepared can be counted.
        connection.execute(_QUERIES["erasure_checkpoint"])
        for _ in range(_count(connection, "erasure_wal_prepared") + 1):
            connection.execute(_QUERIES["erasure_wal_mark"])
            connection.execute(_QUERIES["erasure_wal_switch"])
        connection.execute(_QUERIES["erasure_checkpoint"])
        connection.execute(_QUERIES["erasure_checkpoint"])
    finally:
        connection.execute(_QUERIES["erasure_wal_reuse"])
        connection.execute(_QUERIES["erasure_wal_reload"])
    return Erased(
        "PostgreSQL write-ahead log", files, "old files removed; copies that an archive took expire with it"
    )


def _count(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(_QUERIES[query]).fetchone()
    return int(row[0]) if row else 0

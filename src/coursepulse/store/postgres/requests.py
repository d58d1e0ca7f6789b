"""Requests of students about their data, open and completed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.privacy.erasable import DataSubject, Erased, ErasureMode
from coursepulse.privacy.requests import FiledRequest
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")


class Open(NamedTuple):
    """A request that is being worked on.

    :param who: None once only free space is left to rewrite
    """

    request: UUID
    kind: str
    mode: str
    asked_at: datetime
    who: DataSubject | None
    days: list[date]
    receipt: list[Erased]


class RequestStore:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def summary(self, since: Micros) -> list[dict[str, object]]:
        """Of each kind of request, what is open, and what was done since a moment."""
        names = ("kind", "open", "troubled", "oldest_at", "done", "longest")
        with translate_errors("Privacy requests"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["requests_summary"], {"since": from_micros(since)}).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def add(
        self,
        request: UUID,
        kind: str,
        mode: ErasureMode | str,
        who: DataSubject,
        asked_by: str,
        asked_at: Micros,
    ) -> None:
        """File a request."""
        values = {
            "request": request,
            "kind": kind,
            "mode": str(mode),
            "keep_records": who.keep_records,
            "asked_by": asked_by,
            "asked_at": from_micros(asked_at),
            "student": UUID(bytes=who.student),
            "replacement": UUID(bytes=who.replacement),
            "external_id": who.external_id,
            "email": who.email,
            "name": who.name,
            "salt": who.salt,
        }
        self._ask("add", values)

    def next(self) -> Open | None:
        """The request to work on now."""
        rows = self._ask("next", {}, fetch=True)
        return _read_open(rows[0]) if rows else None

    def person(self, student: bytes) -> tuple[str, str, str]:
        """External id, e-mail and name of a person on the roster, or three empty strings."""
        rows = self._ask("person", {"student": UUID(bytes=student)}, fetch=True)
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else ("", "", "")

    def add_days(self, request: UUID, days: list[date]) -> list[date]:
        """Add days that an erasure affects; returns all of them."""
        rows = self._ask("days", {"request": request, "days": days}, fetch=True)
        return list(rows[0][0]) if rows else days

    def note(self, request: UUID, receipt: list[Erased]) -> None:
        """Save the receipt so far."""
        self._ask("note", {"request": request, "receipt": _json(receipt)})

    def complain(self, request: UUID, trouble: str) -> None:
        """Record why a request is not completed yet."""
        self._ask("trouble", {"request": request, "trouble": trouble})

    def forget(self, request: UUID) -> None:
        """Remove the student from the request."""
        self._ask("forget", {"request": request})

    def finish(self, request: UUID, receipt: list[Erased], at: Micros) -> None:
        """Mark the request as completed."""
        self._ask("done", {"request": request, "receipt": _json(receipt), "at": from_micros(at)})

    def keep_promise(self, store: str, note: str, before: datetime) -> None:
        """Of erasures that were done before a moment, say what has become of the line about a store."""
        self._ask("keep_promise", {"store": store, "note": note, "before": before})

    def exports_of(self, student: bytes) -> list[UUID]:
        """The exports that were made for a student."""
        return [row[0] for row in self._ask("of_student", {"student": UUID(bytes=student)}, fetch=True)]

    def student(self, request: UUID) -> bytes | None:
        """The student of an export, until it has expired."""
        rows = self._ask("student", {"request": request}, fetch=True)
        return rows[0][0].bytes if rows else None

    def expire(self, before: Micros) -> None:
        """Remove the students from exports completed before a moment: their archives are gone."""
        self._ask("expire", {"before": from_micros(before)})

    def newest(self, limit: int = 100, student: bytes | None = None) -> list[FiledRequest]:
        """Requests, newest first."""
        wanted = UUID(bytes=student) if student else None
        return [
            _read_filed(row) for row in self._ask("list", {"limit": limit, "student": wanted}, fetch=True)
        ]

    def find(self, request: UUID) -> FiledRequest | None:
        """One request."""
        rows = self._ask("find", {"request": request}, fetch=True)
        return _read_filed(rows[0]) if rows else None

    def _ask(self, name: str, values: dict[str, object], *, fetch: bool = False) -> list[tuple[Any, ...]]:
        with translate_errors("The privacy requests"), self._pool.connection() as connection:
            done = connection.execute(_QUERIES[f"requests_{name}"], values)
            return done.fetchall() if fetch else []


def _read_open(row: tuple[Any, ...]) -> Open:
    (
        request,
        kind,
        mode,
        keep,
        state,
        asked_at,
        student,
        replacement,
        external_id,
        email,
        name,
        salt,
        days,
        receipt,
    ) = row
    who = None
    if state == "open" and student is not None:
        who = DataSubject(
            student=student.bytes,
            replacement=replacement.bytes,
            salt=salt,
            external_id=external_id,
            email=email,
            name=name or "",
            keep_records=keep,
        )
    return Open(
        request=request,
        kind=kind,
        mode=mode,
        asked_at=asked_at,
        who=who,
        days=list(days),
        receipt=msgspec.convert(receipt, list[Erased]),
    )


def _read_filed(row: tuple[Any, ...]) -> FiledRequest:
    request, kind, mode, keep, state, asked_by, asked_at, done_at, receipt, trouble = row
    lines = msgspec.convert(receipt, list[Erased])
    return FiledRequest(
        request_id=request,
        kind=kind,
        mode=mode,
        keep_records=keep,
        state=state,
        asked_by=asked_by,
        asked_at=asked_at,
        done_at=done_at,
        receipt=lines,
        trouble=trouble,
    )


def _json(receipt: list[Erased]) -> str:
    return msgspec.json.encode(receipt).decode()

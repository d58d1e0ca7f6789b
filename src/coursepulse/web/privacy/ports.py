"""What the privacy centre and the requests of students may use of the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol
from uuid import UUID

from coursepulse.audit.chain import Verification
from coursepulse.audit.port import Trail
from coursepulse.campus.board_names import BoardName
from coursepulse.campus.consents import ConsentRow, Decided
from coursepulse.campus.people import KnownPerson
from coursepulse.kit.clock import Micros
from coursepulse.privacy.erasable import ErasureMode
from coursepulse.privacy.requests import FiledRequest, Removal
from coursepulse.web.http.ports import Identifies, Writes
from coursepulse.web.roster.ports import ChoosesBoardNames


class DataRequests(Protocol):
    """Takes requests of students about their data, and keeps their archives."""

    def erase(self, student: str, mode: ErasureMode, asked_by: str, *, keep_records: bool = False) -> UUID:
        """File the erasure of a student; returns its number."""

    def export(self, student: str, asked_by: str) -> UUID:
        """File an export; returns its number."""

    def requests(self, limit: int = 100, student: bytes | None = None) -> list[FiledRequest]:
        """Requests, newest first."""

    def find(self, request: UUID) -> FiledRequest | None:
        """One request."""

    def whose(self, request: UUID) -> bytes | None:
        """The student an export is about, until it is gone."""

    def archive(self, request: UUID) -> Path | None:
        """The archive of a finished export that is still there."""

    def retention(self, limit: int = 100) -> list[Removal]:
        """What retention has removed, newest first."""


class OwnRecord(Protocol):
    """One student's own row and decisions: whose page it is."""

    def pseudonym(self, external_id: str) -> bytes:
        """The pseudonym of the platform's own id."""

    def people(self, ids: Iterable[str]) -> list[KnownPerson]:
        """Those people who are on the roster, by the platform's ids or by pseudonyms as UUIDs."""

    def names(self, students: Iterable[bytes]) -> dict[bytes, str]:
        """Names by pseudonym, of those who have one."""

    def consents(self, external_id: str) -> list[Decided]:
        """Everything a student ever decided, oldest first."""

    def put_consents(self, consents: Sequence[ConsentRow]) -> None:
        """Add decisions to the history."""


class OwnBoardName(ChoosesBoardNames, Protocol):
    """The name of one student on leaderboards."""

    def of(self, student: bytes) -> BoardName | None:
        """The name of a student; None for one who has never chosen any."""


class ComplianceCounts(Protocol):
    """Counts what a compliance report says, over everybody."""

    def read(self, start: Micros, end: Micros, now: Micros) -> Mapping[str, Sequence[tuple[object, ...]]]:
        """The rows of each part of the report, from ``start`` until before ``end``."""


class CheckedTrail(Trail, Protocol):
    """A trail that can check itself."""

    def verify(self) -> Verification:
        """Walks the whole chain."""


class PrivacyServices(Writes, Protocol):
    """Files requests of students, records their consents, and reports on both."""

    @property
    def trail(self) -> CheckedTrail:
        """The audit trail."""

    @property
    def metrics(self) -> Identifies:
        """Turns the platform's own id into the pseudonym."""

    @property
    def campus(self) -> OwnRecord:
        """A student's own row and decisions."""

    @property
    def board_names(self) -> OwnBoardName:
        """A student's own name on leaderboards."""

    @property
    def privacy(self) -> DataRequests | None:
        """Files requests; None where this process only collects."""

    @property
    def compliance(self) -> ComplianceCounts:
        """Counts for the compliance report."""

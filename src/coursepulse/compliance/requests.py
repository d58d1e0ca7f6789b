"""What students may ask of us: filed at once, worked on by a job."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

from coursepulse.kit.clock import Clock
from coursepulse.kit.errors import CoursepulseError
from coursepulse.privacy.erasable import DataSubject, ErasureMode
from coursepulse.privacy.requests import FiledRequest, Removal
from coursepulse.store.archives import Archives
from coursepulse.store.postgres.requests import Open, RequestStore
from coursepulse.store.postgres.retention import RetentionRuns

ERASURE, EXPORT = "erasure", "export"


class PrivacyRequests:
    """Files requests and works on them, one at a time.

    :param identify: the pseudonym that a text means: the platform's own id, or a pseudonym as UUID
    :param work: finishes a request of each kind
    """

    def __init__(
        self,
        requests: RequestStore,
        archives: Archives,
        runs: RetentionRuns,
        identify: Callable[[str], bytes],
        work: Mapping[str, Callable[[Open], None]],
        clock: Clock,
    ) -> None:
        self._requests, self._archives, self._identify = requests, archives, identify
        self._work_on, self._clock, self._runs = work, clock, runs

    def erase(self, student: str, mode: ErasureMode, asked_by: str, *, keep_records: bool = False) -> UUID:
        """File the erasure of a student, whether or not anything is known of one; returns its number."""
        return self._file(ERASURE, mode, student, asked_by, keep_records=keep_records)

    def export(self, student: str, asked_by: str) -> UUID:
        """File an export; returns its number."""
        return self._file(EXPORT, "", student, asked_by)

    def requests(self, limit: int = 100, student: bytes | None = None) -> list[FiledRequest]:
        """Requests, newest first; erasures are nobody's any more once they are done."""
        return self._requests.newest(limit, student)

    def find(self, request: UUID) -> FiledRequest | None:
        """One request."""
        return self._requests.find(request)

    def whose(self, request: UUID) -> bytes | None:
        """The student an export is about, until it is gone."""
        return self._requests.student(request)

    def archive(self, request: UUID) -> Path | None:
        """The archive of a finished export that is still there."""
        path = self._archives.path(request)
        return path if path.exists() else None

    def retention(self, limit: int = 100) -> list[Removal]:
        """What retention has removed, newest first."""
        return self._runs.newest(limit)

    def work(self) -> str:
        """Work on one request, if there is one; returns what was done, in words."""
        wanted = self._requests.next()
        if wanted is None:
            return ""
        try:
            self._work_on[wanted.kind](wanted)
        except CoursepulseError as error:
            self._requests.complain(wanted.request, str(error))
            raise
        except Exception:
            # A bug: it must not keep the requests behind it waiting.
            self._requests.complain(wanted.request, "An unexpected error; see the server's log.")
            raise
        return f"{wanted.kind} {wanted.request}"

    def _file(
        self, kind: str, mode: ErasureMode | str, student: str, asked_by: str, *, keep_records: bool = False
    ) -> UUID:
        pseudonym = self._identify(student)
        external_id, email, name = self._requests.person(pseudonym)
        request = uuid.uuid4()
        who = DataSubject(
            student=pseudonym,
            replacement=uuid.uuid4().bytes,
            salt=secrets.token_hex(16),
            external_id=external_id or student,
            email=email,
            name=name,
            keep_records=keep_records,
        )
        self._requests.add(request, kind, mode, who, asked_by, self._clock())
        return request

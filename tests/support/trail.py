"""The audit trail of a test, on its own database."""

from __future__ import annotations

import secrets
import tempfile
from concurrent.futures import Future
from pathlib import Path

from coursepulse.audit.chain import derive_key
from coursepulse.audit.entry import AuditEntry
from coursepulse.store.anchor import AnchorFile
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.trail import PostgresTrail


class Notes:
    """A trail for tests of what needs no database: keeps what it is told."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    def write(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    def submit(self, entry: AuditEntry) -> Future[None]:
        """Keep it, and say so at once."""
        self.write(entry)
        kept: Future[None] = Future()
        kept.set_result(None)
        return kept


KEY = derive_key(b"a secret of the tests")


def open_trail(pool: Pool, folder: Path | None = None) -> PostgresTrail:
    """A trail that writes through ``pool``; its anchor lies in ``folder``, if it is ever kept at all."""
    path = folder or Path(tempfile.gettempdir()) / secrets.token_hex(8)
    return PostgresTrail(pool, KEY, AnchorFile(path / "audit.head"))

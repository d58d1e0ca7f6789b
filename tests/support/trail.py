"""The audit trail of a test, on its own database."""

from __future__ import annotations

import tempfile
from pathlib import Path

from coursepulse.audit.anchor import AnchorFile
from coursepulse.audit.chain import derive_key
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.trail import PostgresTrail

KEY = derive_key(b"a secret of the tests")


def open_trail(pool: Pool, folder: Path | None = None) -> PostgresTrail:
    """A trail that writes through ``pool``; its anchor lies in ``folder``, or nowhere that lasts."""
    return PostgresTrail(pool, KEY, AnchorFile((folder or Path(tempfile.gettempdir())) / "audit.head"))

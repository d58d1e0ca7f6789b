"""The real data that may lie beside the repository; tests that need them skip when they are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
STATEMENTS = DATA / "xapi_video" / "statements.json.gz"
OULAD = DATA / "oulad"

needs_statements = pytest.mark.skipif(not STATEMENTS.exists(), reason=f"{STATEMENTS} is not here")
needs_oulad = pytest.mark.skipif(not OULAD.is_dir(), reason=f"{OULAD} is not here")

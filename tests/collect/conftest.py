from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collect.harness import CollectorHarness, collector_harness


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorHarness]:
    """A running server with an empty log."""
    with collector_harness(tmp_path) as built:
        yield built

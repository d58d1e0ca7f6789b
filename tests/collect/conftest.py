from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collect.house import House, house


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[House]:
    """A running server with an empty log."""
    with house(tmp_path) as built:
        yield built

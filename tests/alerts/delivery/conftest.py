from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.alerts.delivery.harness import DeliveryHarness, delivery_harness


@pytest.fixture
def server(postgres_dsn: str) -> Iterator[DeliveryHarness]:
    """A server that has somebody to tell, and no mail server yet."""
    with delivery_harness(postgres_dsn) as built:
        yield built

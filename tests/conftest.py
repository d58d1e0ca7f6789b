"""What every test goes by, and what the tests of one process share."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

from tests.support.authorities import believe_one
from tests.support.long import LONG

# Registered here once: a fixture that several conftest files import is made again for each of them.
pytest_plugins = [
    "tests.support.clickhouse",
    "tests.support.gateway",
    "tests.support.kafka",
    "tests.support.postgres",
    "tests.support.server",
    "tests.support.pages",
    "tests.support.redis",
]

believe_one()

# How long an example takes says what else the machine is doing, and nothing about the code.
# The short run looks at the same examples each time: it fails for what a change did. The long run looks for new ones.
settings.register_profile(
    "coursepulse",
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("coursepulse")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: one that began last would keep its worker busy while the other has nothing left."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Ten thousand collected tests live until the end: the collector of garbage need not walk them again and again."""
    gc.collect()
    gc.freeze()

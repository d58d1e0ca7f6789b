"""What every test goes by, and what the tests of one process share."""

from __future__ import annotations

from hypothesis import settings

# Registered here once: a fixture that several conftest files import is made again for each of them.
pytest_plugins = [
    "tests.support.clickhouse",
    "tests.support.gateway",
    "tests.support.postgres",
    "tests.support.server",
    "tests.support.pages",
]

# How long an example takes says what else the machine is doing, and nothing about the code.
settings.register_profile("coursepulse", deadline=None)
settings.load_profile("coursepulse")

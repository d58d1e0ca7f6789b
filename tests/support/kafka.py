"""A real Kafka broker for tests: one for all tests of a file that asks for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from coursepulse.bench.broker import HOME, Broker

ROOT = Path(__file__).parent.parent.parent


@cache
def install() -> str:
    """Why there is no Kafka here; empty when there is."""
    done = subprocess.run(
        ["/usr/bin/bash", "scripts/kafka.sh"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = (done.stderr or done.stdout).strip().splitlines()
    return (
        f"Kafka cannot be had: {lines[-1] if lines else 'scripts/kafka.sh failed'}" if done.returncode else ""
    )


def open_broker(folder: Path) -> Broker:
    """A broker that is not running yet. Where none can be had, the test is skipped, but never in CI."""
    if why := install():
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return Broker(folder, ROOT / HOME)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The broker of this process; use topics of your own in it."""
    broker = open_broker(tmp_path_factory.mktemp("kafka"))
    broker.start()
    yield broker
    broker.stop()

"""ClickHouse over HTTP: one for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coursepulse.bench.gateway import Gateway

__all__ = ["Gateway", "cluster_gateway", "gateway"]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A ClickHouse to be reached over HTTP."""
    running = Gateway(tmp_path_factory.mktemp("gateway"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def cluster_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A node of the cluster ``campus``, which has one shard."""
    running = Gateway(tmp_path_factory.mktemp("cluster"), cluster=True)
    running.start()
    yield running
    running.stop()

"""What ``GET /v1/health`` says of the stores and the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clickhouse_connect.driver.client import Client

from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import CoursepulseError
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.stream.pipeline import Pipeline


class Health:
    """Asks each store a question that costs nothing.

    :param open_client: left out where this process has no ClickHouse
    :param pipeline: left out where another process stores
    """

    def __init__(
        self,
        pool: Pool,
        open_client: Callable[[], Client] | None = None,
        pipeline: Pipeline | None = None,
    ) -> None:
        self._pool, self._open_client, self._pipeline = pool, open_client, pipeline

    def report(self) -> dict[str, Any]:
        """JSON values; ``status`` is ``degraded`` while a store is away or the pipeline waits for one."""
        stores = {"postgres": _state(self._ask_postgres)}
        if self._open_client is not None:
            stores["clickhouse"] = _state(self._ask_clickhouse)
        facts: dict[str, Any] = {"stores": stores}
        trouble = None
        if self._pipeline is not None:
            progress = self._pipeline.progress
            trouble = progress.trouble
            latest = progress.latest_event_at
            facts["latest_data_at"] = None if latest is None else from_micros(latest).isoformat()
            facts["pipeline"] = {
                "applied": progress.applied,
                "duplicates": progress.duplicates,
                "trouble": trouble,
            }
        well = trouble is None and all(state == "ok" for state in stores.values())
        return {"status": "ok" if well else "degraded"} | facts

    def _ask_postgres(self) -> None:
        with translate_errors("PostgreSQL"), self._pool.connection(timeout=2) as connection:
            connection.execute("SELECT 1")

    def _ask_clickhouse(self) -> None:
        if self._open_client is not None:
            self._open_client().close()


def _state(ask: Callable[[], None]) -> str:
    try:
        ask()
    except CoursepulseError as error:
        return str(error)
    return "ok"

"""Whether ClickHouse answers."""

from __future__ import annotations

import threading
from collections.abc import Callable

from clickhouse_connect.driver.client import Client

from coursepulse.kit.errors import CoursepulseError
from coursepulse.store.clickhouse.connect import translate_errors


class ClickHouseProbe:
    """Asks over one connection, which is kept: to open one costs thirty times as much as the question."""

    def __init__(self, open_client: Callable[[], Client]) -> None:
        self._open = open_client
        self._client: Client | None = None
        self._lock = threading.Lock()

    def ask(self) -> None:
        """Run a trivial query.

        :raises StoreUnavailable: when ClickHouse does not answer
        """
        with self._lock:
            try:
                self._client = self._client or self._open()
                with translate_errors():
                    self._client.command("SELECT 1")
            except CoursepulseError:
                self._drop()
                raise

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

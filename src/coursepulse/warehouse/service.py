"""The warehouse of an installation: where it is, and one export at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from datetime import date, datetime

from coursepulse.kit.clock import Clock
from coursepulse.kit.errors import CoursepulseError
from coursepulse.warehouse.export import ExportOutcome, WarehouseExport
from coursepulse.warehouse.keys import WarehouseKeys
from coursepulse.warehouse.source import WarehouseSource
from coursepulse.warehouse.target import open_target


class NoWarehouse(CoursepulseError):
    """No warehouse is set: COURSEPULSE_WAREHOUSE is empty, and no other place was named."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class ExportRunning(CoursepulseError):
    """An export of the warehouse is running already; wait until it has ended."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Warehouse:
    """Exports to the place that the settings name, or to another one.

    :param url: empty where there is no warehouse
    :param endpoint: of a bucket that is not Amazon's
    :param settled: is told when an export to the place of the settings began that is published now
    """

    def __init__(
        self,
        url: str,
        endpoint: str,
        open_source: Callable[[], WarehouseSource],
        keys: WarehouseKeys,
        clock: Clock,
        settled: Callable[[datetime], None],
    ) -> None:
        self.url, self._endpoint = url, endpoint
        self._open_source, self._keys, self._clock, self._settled = open_source, keys, clock, settled
        self._running = threading.Lock()

    def export(self, days: Collection[date] = (), to: str = "") -> ExportOutcome:
        """Bring the files up to date.

        :param days: also these, whether they have changed or not
        :param to: another place, of which the receipts of erasures say nothing
        :raises NoWarehouse: without a place
        :raises ExportRunning: while another one runs
        """
        url = to or self.url
        if not url:
            raise NoWarehouse
        if not self._running.acquire(blocking=False):
            raise ExportRunning
        try:
            target = open_target(url, self._endpoint)
            settled = self._settled if url == self.url else lambda _: None
            return WarehouseExport(self._open_source(), target, self._keys, self._clock, settled).run(days)
        finally:
            self._running.release()

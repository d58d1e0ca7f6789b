"""The export to a data warehouse, put together from the settings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from coursepulse.jobs.planned import WAREHOUSE_EXPORT
from coursepulse.privacy.erasable import Erasable
from coursepulse.warehouse.erasure import STORE, WarehouseErasure, kept
from coursepulse.warehouse.keys import WarehouseKeys
from coursepulse.warehouse.service import Warehouse
from coursepulse.warehouse.source import WarehouseSource

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


def open_warehouse(of: Components) -> Warehouse:
    """The export, which notes in receipts that promises were kept."""

    def settled(begun: datetime) -> None:
        of.requests.keep_promise(STORE, kept(begun), begun)

    return Warehouse(
        url=of.settings.warehouse,
        endpoint=of.settings.warehouse_endpoint,
        open_source=lambda: WarehouseSource(of.open_clickhouse, of.slow_pool),
        keys=WarehouseKeys(of.secret),
        clock=of.clock,
        settled=settled,
    )


def erasures_outside(of: Components) -> list[Erasable]:
    """What an erasure has to do outside of this server: with the warehouse and with training rows, if there are any."""
    found: list[Erasable] = []
    if of.settings.warehouse:
        found.append(WarehouseErasure(WAREHOUSE_EXPORT.plan.after, of.clock))
    if of.outside_trainer:
        found.append(of.outside_trainer)
    return found

"""The tables for Superset, put together from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coursepulse.superset.held import SupersetSchema
from coursepulse.superset.tables import SupersetTables

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


def renew_superset(of: Components) -> str:
    """The tables made anew, or emptied where Superset is off."""
    held = SupersetSchema(of.slow_pool)
    tables = SupersetTables(of.metrics, of.rights.outside, held, of.clock)
    return tables.renew() if of.settings.superset == "on" else tables.clear()

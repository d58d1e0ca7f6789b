"""The cards about the data themselves: what is wrong with them, and what to do about it."""

from __future__ import annotations

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.special.advice import AdviceTable, advise_refusal, advise_sender
from coursepulse.dashboards.views.table import DataTable

QUALITY = (
    Card(
        "quality_senders",
        AdviceTable(order="-events", advise=advise_sender),
        "sender events refused_pct late_pct duplicates_pct clock last_day",
        span=12,
    ),
    Card("quality_refusals", AdviceTable(order="-events", advise=advise_refusal), span=12),
    Card("quality_courses", DataTable(order="-events")),
    Card("quality_players", DataTable(order="-plays")),
)

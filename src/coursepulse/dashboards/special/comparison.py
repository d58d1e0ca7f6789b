"""The teams of a manager side by side."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.views.table import DataTable
from coursepulse.kit.errors import RequestError


@dataclass(frozen=True, kw_only=True)
class TeamComparison(DataTable):
    """One row per team that the reader leads, in the order of the names; each is a question of its own."""

    follows: str = "own"

    def sort_orders(self, card: Card) -> tuple[str, ...]:
        """Every column, the name of the team first."""
        return ("team", *(f"-{each.name}" for each in card.table_columns if each.name != "team"))

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows of all teams; one that the reader may not see is left out."""
        teams = sorted(reader.viewer.team_ids)
        found = [row for team in teams for row in _ask(card, reader.about_team(team))]
        return card.pick(sorted(found, key=lambda row: row["team"].casefold()))


def _ask(card: Card, reader: MetricReader) -> list[Record]:
    try:
        return [dict(row) for row in reader.rows(card.source.slug)]
    except RequestError as error:
        if error.code != "forbidden":
            raise
        return []  # of another organisation

"""The teams of a manager side by side."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.format import show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.definitions.intervals import FAIR, bounded_mean
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.metric import Column, Unit

#: What teams are compared by, and the column with the members behind it.
_COMPARED = {"completion_pct": "with_completion", "score_pct": "with_score"}


def _range_of(column: Column) -> tuple[Column, ...]:
    """Between what a number of a team lies but for chance: in words, and as two numbers."""
    name, title = column.name.removesuffix("_pct"), column.title
    return (
        column,
        Column(f"{name}_range", Unit.TEXT, f"{title}, range", f"the same, from {FAIR} members on"),
        Column(
            f"{name}_low",
            Unit.PERCENT,
            f"{title}, at least",
            "lower end of a 95 % interval, null for few",
            hidden=True,
        ),
        Column(
            f"{name}_high",
            Unit.PERCENT,
            f"{title}, at most",
            "upper end of a 95 % interval, null for few",
            hidden=True,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class TeamComparison(DataTable):
    """One row per team that the reader leads, in the order of the names; each is a question of its own.

    Teams of a few differ by chance: the ranges say by how much, and sort what is above the others for sure first.
    """

    follows: str = "own"

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, each mean with its range."""
        return tuple(
            each
            for column in card.chosen
            for each in (_range_of(column) if column.name in _COMPARED else (column,))
        )

    def sort_orders(self, card: Card) -> tuple[str, ...]:
        """Every column, the name of the team first."""
        others = (self.sort_column(each.name) for each in card.table_columns if each.name != "team")
        return ("team", *(f"-{each}" for each in others))

    def sort_column(self, name: str) -> str:
        """A range is sorted by its lower end."""
        return f"{name.removesuffix('_range')}_low" if name.endswith("_range") else name

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows of all teams; one that the reader may not see is left out."""
        teams = sorted(reader.viewer.team_ids)
        found = [row | _ranges(row) for team in teams for row in _ask(card, reader.about_team(team))]
        told = [row | picked for row, picked in zip(found, card.pick(found), strict=True)]
        return sorted(told, key=lambda row: row["team"].casefold())


def _ranges(row: Record) -> Record:
    made: Record = {}
    for column, people in _COMPARED.items():
        made |= _range(column.removesuffix("_pct"), row[column], row[people])
    return made


def _range(name: str, mean: float | None, people: int | None) -> Record:
    if mean is None or people is None or people < FAIR:
        few = say("team.range.few", n=FAIR) if mean is not None else None
        return {f"{name}_range": few, f"{name}_low": None, f"{name}_high": None}
    found = bounded_mean(mean, people)
    low, high = (show(each, Unit.PERCENT) for each in found)
    words = say("team.range", low=low, high=high)
    return {f"{name}_range": words, f"{name}_low": found.low, f"{name}_high": found.high}


def _ask(card: Card, reader: MetricReader) -> list[Record]:
    try:
        return [dict(row) for row in reader.rows(card.source.slug)]
    except RequestError as error:
        if error.code != "forbidden":
            raise
        return []  # of another organisation

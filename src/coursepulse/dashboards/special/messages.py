"""Whether messages and next steps helped, in a sentence that claims no more than the numbers do."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.alert_words import alert_title
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.format import percent
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Column, Unit

_SAYS = Column("verdict", Unit.TEXT, "What that says", "the comparison in a sentence")

#: Sentences by the side on which the interval lies.
_DRAWN = {"more": "draws.more", "fewer": "draws.fewer", "chance": "draws.chance"}
_FOLLOWED = {"more": "advised.more", "fewer": "advised.fewer", "chance": "advised.chance"}

#: Standardised differences beyond this are a reason to say nothing: what differs is not the message alone.
_ALIKE = 0.1


@dataclass(frozen=True, kw_only=True)
class MessageEffects(DataTable):
    """One row a reason."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, and the sentence."""
        return (*card.chosen, _SAYS)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows, with the reason in words."""
        rows = reader.rows(card.source.slug)
        return card.pick_told(
            [row | {"rule": alert_title(row["rule"]), "verdict": _says(row)} for row in rows]
        )


def _says(row: Record) -> str:
    if row["difference"] is None:
        return say("messages.too_few")
    words = {name: percent(row[name]) for name in ("written_pct", "others_pct")}
    low, high = (f"{row[name]:+.0f}" for name in ("low", "high"))
    if row["low"] > 0:
        return say("messages.more", **words, low=low, high=high)
    if row["high"] < 0:
        return say("messages.fewer", **words, low=low, high=high)
    return say("messages.chance", **words, low=low, high=high)


@dataclass(frozen=True, kw_only=True)
class DrawnMessages(DataTable):
    """Those drawn to be written to beside those drawn to wait: one row."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, and the sentence."""
        return (*card.chosen, _SAYS)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The row, with the sentence: the only one that may speak of an effect."""
        rows = reader.rows(card.source.slug)
        return card.pick_told([row | {"verdict": _says_drawn(row)} for row in rows])


def _says_drawn(row: Record) -> str:
    if row["difference"] is None:
        return say("messages.too_few")
    words = {name: percent(row[name]) for name in ("written_pct", "others_pct")}
    low, high = (f"{row[name]:+.0f}" for name in ("low", "high"))
    side = "more" if row["low"] > 0 else "fewer" if row["high"] < 0 else "chance"
    return say(_DRAWN[side], **words, low=low, high=high)


@dataclass(frozen=True, kw_only=True)
class MatchedMessages(DataTable):
    """Those written to beside others like them: one row."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, and the sentence."""
        return (*card.chosen, _SAYS)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The row, with the sentence."""
        rows = reader.rows(card.source.slug)
        return card.pick_told([row | {"verdict": _says_matched(row)} for row in rows])


@dataclass(frozen=True, kw_only=True)
class StepEffects(DataTable):
    """Those who did what they were advised beside others like them: one row an advice."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, and the sentence."""
        return (*card.chosen, _SAYS)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows, with the advice and what comes of it in words."""
        rows = reader.rows(card.source.slug)
        told = [
            row | {"advice": say(f"advised.{row['advice']}"), "verdict": _says_followed(row)} for row in rows
        ]
        return card.pick_told(told)


def _says_followed(row: Record) -> str:
    if row["difference"] is None:
        return say("messages.too_few")
    if row["apart_after"] > _ALIKE:
        return say("advised.unlike")
    words = {name: percent(row[name]) for name in ("went_on_pct", "others_on_pct")}
    low, high = (f"{row[name]:+.0f}" for name in ("low", "high"))
    side = "more" if row["low"] > 0 else "fewer" if row["high"] < 0 else "chance"
    return say(_FOLLOWED[side], **words, low=low, high=high)


def _says_matched(row: Record) -> str:
    if row["difference"] is None:
        return say("messages.too_few")
    if row["apart_after"] > _ALIKE:
        return say("messages.unlike")
    words = {"written_pct": percent(row["back_pct"]), "others_pct": percent(row["others_pct"])}
    low, high = (f"{row[name]:+.0f}" for name in ("low", "high"))
    if row["low"] > 0:
        return say("messages.matched_more", **words, low=low, high=high)
    return say("messages.matched_chance", **words, low=low, high=high)

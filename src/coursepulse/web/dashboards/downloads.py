"""A card's other forms: the same rows as JSON and as CSV."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from litestar import Response

from coursepulse.dashboards.card import records
from coursepulse.dashboards.format import kind_of
from coursepulse.dashboards.reader import Record
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import from_micros
from coursepulse.kit.csv_text import write_csv
from coursepulse.metrics.metric import Column, Unit
from coursepulse.privacy.small_groups import SUPPRESSED
from coursepulse.web.dashboards.shown import ShownCard

#: By which spreadsheets know that a file is UTF-8 (RFC 3629 section 6).
_BOM = "\ufeff"


def as_json(shown: ShownCard) -> Response[bytes]:
    """Columns, rows, chart, and how fresh they are."""
    card = shown.card
    body = {
        "card": card.slug,
        "title": card.title,
        "days": shown.days,
        "since": shown.period.start if shown.period and shown.periodic else None,
        "until": shown.period.end if shown.period else None,
        "latest_data_at": from_micros(shown.as_of) if shown.as_of else None,
        "definition_version": shown.version,
        "metrics": card.metrics,
        "columns": [{"name": column.name, "kind": kind_of(column.unit)} for column in _columns(shown)],
        "small_group": shown.small_group,
        "lacks_consent": shown.lacks_consent,
        "rows_digest": shown.rows_digest,
        "rows": records(shown.rows, _columns(shown)),
        "option": shown.option,
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


def as_csv(shown: ShownCard, *, for_sheet: bool) -> Response[str]:
    """The columns and rows (RFC 4180), as precise as people read them.

    :param for_sheet: with a byte order mark, and what the file is about below the rows, for a spreadsheet
    """
    columns = _columns(shown)
    rows = [[_cell(row[each.name], _unit(row, each)) for each in columns] for row in shown.rows]
    about = [[], *_about(shown)] if for_sheet else []
    text = write_csv([[column.name for column in columns], *rows, *about])
    return Response((_BOM if for_sheet else "") + text, media_type="text/csv", headers=_headers(shown))


def file_name(shown: ShownCard, form: str = "csv") -> str:
    """The card, what it is about and the days, in letters that every system takes."""
    about = shown.request.course or shown.request.team
    return name_file((shown.card.slug, about, shown.request.video, shown.span), form)


def name_file(parts: Sequence[str], form: str) -> str:
    """A name from its parts, in letters that every system takes."""
    return "_".join(re.sub(r"[^A-Za-z0-9._-]+", "-", part) for part in parts if part) + f".{form}"


def _headers(shown: ShownCard) -> dict[str, str]:
    told = {
        "Content-Disposition": f'attachment; filename="{file_name(shown)}"',
        "Time-Zone": "UTC",
        "Rows-Digest": shown.rows_digest,
    }
    if shown.span:
        told["Period"] = shown.span
    if shown.as_of:
        told["Latest-Data-At"] = _moment(from_micros(shown.as_of))
    return told


def _about(shown: ShownCard) -> Sequence[Sequence[str]]:
    """What people have to know of the rows."""
    as_of = _moment(from_micros(shown.as_of)) if shown.as_of else ""
    lines = (("title", shown.card.title), ("period", shown.span), ("zone", "UTC"), ("as_of", as_of))
    return [[say(f"file.{name}"), value] for name, value in lines if value]


def _unit(row: Record, column: Column) -> Unit:
    """What a value is: headline numbers are one a row, each with a unit of its own."""
    unit: Unit = row.get("unit", column.unit) if column.unit is Unit.NUMBER else column.unit
    return unit


def _cell(value: object, unit: Unit) -> object:
    """A value as people read it: whole seconds, two digits of a share, a list in one line."""
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, (list, tuple)):
        return "; ".join(str(each) for each in value)
    digits = _DIGITS.get(unit)
    return digits(value) if digits and isinstance(value, float) else value


def _moment(value: datetime) -> str:
    return value.replace(microsecond=0).isoformat().replace("+00:00", "Z")


_DIGITS: dict[Unit, Callable[[float], float]] = {
    Unit.SECONDS: round,
    Unit.POSITION: round,
    Unit.PERCENT: lambda value: round(value, 2),
    Unit.SCORE: lambda value: round(value, 2),
}


def _columns(shown: ShownCard) -> tuple[Column, ...]:
    """Those of the card; where small groups are hidden, also which rows hide something."""
    if shown.small_group is None:
        return shown.card.columns
    return (*shown.card.columns, Column(SUPPRESSED, Unit.FLAG, "Hidden", "whether the row hides something"))

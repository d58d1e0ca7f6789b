"""A card's other forms: the same rows as JSON and as CSV."""

from __future__ import annotations

import msgspec
from litestar import Response

from coursepulse.dashboards.card import records
from coursepulse.dashboards.format import kind_of
from coursepulse.kit.clock import from_micros
from coursepulse.kit.csv_text import write_csv
from coursepulse.metrics.metric import Column, Unit
from coursepulse.privacy.small_groups import SUPPRESSED
from coursepulse.web.dashboards.shown import ShownCard


def as_json(shown: ShownCard) -> Response[bytes]:
    """Columns, rows, chart, and how fresh they are."""
    card = shown.card
    body = {
        "card": card.slug,
        "title": card.title,
        "days": shown.days,
        "latest_data_at": from_micros(shown.as_of) if shown.as_of else None,
        "definition_version": shown.version,
        "metrics": card.metrics,
        "columns": [{"name": column.name, "kind": kind_of(column.unit)} for column in _columns(shown)],
        "small_group": shown.small_group,
        "lacks_consent": shown.lacks_consent,
        "rows": records(shown.rows, _columns(shown)),
        "option": shown.option,
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


def as_csv(shown: ShownCard) -> Response[str]:
    """The columns and rows (RFC 4180); nothing for null, lists as JSON."""
    columns = _columns(shown)
    rows = [list(record.values()) for record in records(shown.rows, columns)]
    text = write_csv([[column.name for column in columns], *rows])
    named = {"Content-Disposition": f'attachment; filename="{shown.card.slug}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=named)


def _columns(shown: ShownCard) -> tuple[Column, ...]:
    """Those of the card; where small groups are hidden, also which rows hide something."""
    if shown.small_group is None:
        return shown.card.columns
    return (*shown.card.columns, Column(SUPPRESSED, Unit.FLAG, "Hidden", "whether the row hides something"))

"""Templates, and the one way in which a page leaves the server."""

from __future__ import annotations

import json
from functools import cache
from hashlib import blake2b
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response
from markupsafe import Markup, escape

from coursepulse.dashboards import format as form
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.language import (
    day_here,
    days,
    direction,
    language,
    languages,
    moment,
    own_name,
    time_of_day,
    translate,
    zone_name,
)
from coursepulse.dashboards.text import enumerated, plural, say, say_or
from coursepulse.dashboards.views import figures
from coursepulse.dashboards.words import label
from coursepulse.kit.clock import Micros, from_micros, utc_date
from coursepulse.metrics.metric import Column, Unit

STATIC = Path(__file__).parent.parent / "static"

_NUMERIC = frozenset(
    {
        Unit.COUNT,
        Unit.NUMBER,
        Unit.OFFSET,
        Unit.MONEY,
        Unit.BYTES,
        Unit.MILLISECONDS,
        Unit.SCORE,
        Unit.SHARE,
        Unit.PERCENT,
        Unit.SECONDS,
        Unit.POSITION,
        Unit.MOMENT,
    }
)


def is_number(unit: Unit) -> bool:
    """Whether values of a unit are numbers, which stand at the end of their cells."""
    return unit in _NUMERIC


def page(template: str, status: int = 200, **values: object) -> Response[str]:
    """A whole page or a part of one."""
    text = templates().get_template(template).render(values)
    return Response(text, status_code=status, media_type=MediaType.HTML)


@cache
def templates() -> Environment:
    """The templates with everything that they may call."""
    made = Environment(
        loader=PackageLoader("coursepulse.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "language": language,
        "languages": languages,
        "own_name": own_name,
        "direction": direction,
        "zone_name": zone_name,
        "moment": moment,
        "time_of_day": time_of_day,
        "day_span": days,
        "day_here": day_here,
        "say": say,
        "mark": mark,
        "enumerated": enumerated,
        "plural": plural,
        "show": form.show,
        "cell": cell,
        "count": form.count,
        "Unit": Unit,
        "label": label,
        "clock": form.clock,
        "age": form.age,
        "iso": _iso,
        "utc_date": utc_date,
        "figures": figures,
        "numeric": is_number,
        "asset": asset,
        "icon": icon,
        "embed": embed,
    }
    return made


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes with its content so that browsers may keep it for good."""
    digest = blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?v={digest}"


def mark(key: str, **parts: object) -> Markup:
    """A sentence with parts that are HTML already, such as a time or a link."""
    return Markup(escape(translate(key))).format(**parts)  # noqa: S704 - the sentence is escaped, and so are its parts


def cell(value: object, column: Column) -> str:
    """A value in a table; kinds of work are said in words."""
    text = form.show(value, column.unit)
    return say_or(f"evidence.word.{value}", text) if column.name == "kind" and value else text


def icon(name: str) -> Markup:
    """One symbol of the sprite, for the eye only: the words beside it say the same."""
    href = f"{asset('icons.svg')}#{name}"
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>').format(href)


def embed(option: Option | None) -> Markup:
    """A chart as JSON that is safe inside a script element: it can neither close it nor open a comment."""
    text = json.dumps(option, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _iso(micros: Micros) -> str:
    return from_micros(micros).isoformat()

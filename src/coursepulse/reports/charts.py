"""Charts as vectors: the same option and the same library as on the screen, in a small JavaScript engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, NamedTuple

from coursepulse.kit.errors import CoursepulseError

#: What SVG and pages are set in.
FONT = "Noto Sans"

#: Seconds that one chart may take, and bytes that all may hold: an option is data, and data can be large.
_SECONDS, _BYTES = 20, 512 << 20

#: ECharts asks for the time of its next frame; on paper there is none.
_SURROUNDINGS = (
    "var console = {log() {}, warn() {}, error() {}}, setTimeout = () => 0, clearTimeout = () => {};"
)
#: How options name a colour, and what of a mark only a pointer finds.
_COLOUR, _POINTED = re.compile(r"var\((--[\w-]+)\)"), frozenset({"tip", "href"})

#: The mark of a text that runs from the right, and all marks of direction.
_RIGHT = "\u200f"
_MARKS = re.compile("[\u200e\u200f\u2066-\u2069]")

#: A text that runs from the right, or numbers that take their order from such a mark.
_FROM_RIGHT = re.compile("[\u0590-\u08ff\u200f]")

_ENTRY = "function draw(request) { return paper.draw(request); }"


class ChartNotDrawn(CoursepulseError):
    """The library cannot draw an option."""


class ChartLooks(NamedTuple):
    """How charts look, whatever they show.

    :param palette: colours by the names of CSS variables that options speak of
    :param group: between thousands
    :param decimal: before the fraction
    :param from_right: whether the language is read from the right
    """

    palette: Mapping[str, str]
    group: str
    decimal: str
    from_right: bool = False


def turn(option: Mapping[str, Any]) -> Mapping[str, Any]:
    """A chart for readers from the right, as ``turn`` of static/app.js has it on the screen.

    Time and categories begin on the right, and the side with the numbers is the right. Planes between two measures and
    places in a video stay: they are read like maps.
    """
    across, up = _listed(option.get("xAxis")), _listed(option.get("yAxis"))
    plane = bool(across) and all(axis["type"] == "value" for axis in (*across, *up))
    if plane or any(axis.get("clock") for axis in across):
        return option
    turned: dict[str, Any] = {
        "xAxis": [axis | {"inverse": not axis.get("inverse")} for axis in across],
        "yAxis": [axis | {"position": "left" if nth else "right"} for nth, axis in enumerate(up)],
        **{name: [_swap(part) for part in _listed(option.get(name))] for name in ("grid", "visualMap")},
    }
    if option.get("legend"):
        turned["legend"] = option["legend"] | {"left": None, "right": 0, "align": "right"}
    return {**option, **{name: part for name, part in turned.items() if part}}


def _widen(option: Mapping[str, Any], width: int) -> Mapping[str, Any]:
    """Labels that are cut get up to a quarter of a wide chart, as ``widenLabels`` of static/app.js has it."""
    axes = {
        name: [_widened(axis, width) for axis in _listed(option.get(name))] for name in ("xAxis", "yAxis")
    }
    return {**option, **{name: each for name, each in axes.items() if each}}


def _widened(axis: dict[str, Any], width: int) -> dict[str, Any]:
    label = axis.get("axisLabel", {})
    if label.get("overflow") != "truncate":
        return axis
    return axis | {"axisLabel": label | {"width": max(label["width"], width // 4)}}


def _listed(part: Any) -> list[dict[str, Any]]:
    return [each for each in (part if isinstance(part, list) else [part]) if each]


def _swap(part: Mapping[str, Any]) -> dict[str, Any]:
    sides = {"left": part.get("right"), "right": part.get("left")}
    rest = {name: value for name, value in part.items() if name not in sides}
    return rest | {side: value for side, value in sides.items() if value is not None}


def draw_chart(option: Mapping[str, Any], width: int, height: int, looks: ChartLooks) -> str:
    """The chart as SVG. Takes some hundredths of a second.

    :raises ChartNotDrawn:
    """
    request = {
        "option": _still(_widen(turn(option) if looks.from_right else option, width)),
        "width": width,
        "height": height,
        "palette": looks.palette,
        "separators": {"group": looks.group, "decimal": looks.decimal},
        "font": FONT,
    }
    written = json.dumps(_order(request, from_right=looks.from_right), default=str, ensure_ascii=False)
    text = _COLOUR.sub(lambda found: looks.palette.get(found[1], ""), written)
    try:
        # A string that was put together from parts has a form that the engine hands out only as JSON.
        svg: str = json.loads(_engine()(text))
    except _quickjs().JSException as error:
        raise ChartNotDrawn(str(error)) from None
    return svg


def _order(part: Any, *, from_right: bool) -> Any:
    """Every text in the order in which it is read.

    SVG has no direction of a page: a text that begins with a number would run from the left, and inside it the parts of
    a date would change places. A mark in front says how it runs.
    """
    if isinstance(part, Mapping):
        return {name: _order(each, from_right=from_right) for name, each in part.items()}
    if isinstance(part, (list, tuple)):
        return [_order(each, from_right=from_right) for each in part]
    if not isinstance(part, str):
        return part
    lines = part.split("\n")
    return "\n".join(_mark(line) if from_right else _MARKS.sub("", line) for line in lines)


def _mark(line: str) -> str:
    """A line with a mark in front if it runs from the right and begins with a number.

    Of the marks in it, only those between the numbers of a date say more than the words: beside a letter, the font of
    Arabic has no glyph for them.
    """
    plain = _MARKS.sub(lambda found: found[0] if found[0] == _RIGHT else "", line)
    return f"{_RIGHT}{plain}" if plain[:1].isdigit() and _FROM_RIGHT.search(plain) else plain


def _still(part: Any) -> Any:
    """Without what pointing at a mark says and where it leads: of thousands of points it is most of the option."""
    if isinstance(part, Mapping):
        return {name: _still(value) for name, value in part.items() if name not in _POINTED}
    return [_still(each) for each in part] if isinstance(part, (list, tuple)) else part


@cache
def _quickjs() -> Any:
    """Loaded with the first chart: a server on which nobody makes a report does without."""
    return import_module("quickjs")


@cache
def _engine() -> Callable[[str], str]:
    """Runs in a thread of its own, one chart after the other."""
    library = (files("coursepulse.reports") / "vendor" / "paper.min.js").read_text("utf-8")
    engine = _quickjs().Function("draw", f"{_SURROUNDINGS}{library}{_ENTRY}", own_executor=True)
    engine.set_time_limit(_SECONDS)
    engine.set_memory_limit(_BYTES)
    drawn: Callable[[str], str] = engine
    return drawn

"""The pieces that charts share, so that all of them speak one language.

Two conventions let a chart travel as JSON and still follow the theme and the language. A colour is the
name of a CSS variable (``var(--accent)``), which static/app.js looks up. A point carries ``tip``, the text
that pointing at it shows: written here, beside the numbers, and never put together in the browser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from coursepulse.dashboards.text import say

#: A chart as Apache ECharts takes it, free of functions so that it can travel as JSON.
Option: TypeAlias = dict[str, Any]

ACCENT = "var(--chart-1)"
SECOND = "var(--chart-2)"
THIRD = "var(--chart-3)"
FAINT = "var(--chart-faint)"
GOOD = "var(--good)"
WARN = "var(--warn)"
BAD = "var(--bad)"
LINE = "var(--line)"
INK = "var(--ink)"
MUTED = "var(--muted)"
SURFACE = "var(--surface)"
RAISED = "var(--raised)"

#: Labels of an axis of titles, cut where they would take the room of the bars: a wide chart has more for them, see
#: ``widenLabels`` of static/app.js. The mark keeps the dots at the end of a title that runs against its page.
CUT: Option = {"width": 120, "overflow": "truncate", "ellipsis": "…\u200e"}


#: Room for the labels of the axes and their names, measured as they are drawn.
KEEP_LABELS: Option = {"outerBoundsMode": "same", "outerBoundsContain": "all"}


def point(value: Any, tip: str, **more: Any) -> dict[str, Any]:
    """One datum and the text that pointing at it shows."""
    return {"value": value, "tip": tip, **more}


#: How a bar looks that is not over yet, such as that of today: never by the colour alone.
SO_FAR: Option = {
    "opacity": 0.55,
    "decal": {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [2, 4], "rotation": -0.8},
}


def frame(*, trigger: str = "item", legend: bool = False, **more: Any) -> Option:
    """Margins, pointer and legend."""
    option: Option = {
        # Drawn on the canvas: a tooltip of HTML would need inline styles, which the page forbids.
        "tooltip": {"trigger": trigger, "renderMode": "richText", "confine": True},
        "grid": {"left": 4, "right": 12, "top": 32 if legend else 12, "bottom": 4} | KEEP_LABELS,
    }
    if legend:
        option["legend"] = {"top": 0, "left": 0, "itemWidth": 10, "itemHeight": 10, "icon": "roundRect"}
    return option | more


def categories(names: Sequence[str], **more: Any) -> Option:
    """An axis of names or days."""
    return {"type": "category", "data": list(names), "axisTick": {"show": False}, **more}


def positions(places: Sequence[float]) -> Option:
    """An axis of places in a video, which ends where the last stretch does.

    ``clock`` has static/app.js write its labels as 4:05, at round places however far the reader zooms in.
    """
    first, last = (places[0], places[-1]) if places else (0, 0)
    stretch = places[1] - first if len(places) > 1 else 0
    lines = {"splitLine": {"show": False}, "axisTick": {"show": False}, "axisLabel": {"showMaxLabel": False}}
    return {"type": "value", "min": first, "max": last + stretch, "clock": True} | lines


def values(form: str = "", **more: Any) -> Option:
    """An axis of numbers, each label with its unit: ``{value} h``."""
    axis: Option = {"type": "value", "splitNumber": 4, "axisTick": {"show": False}}
    if form:
        axis["axisLabel"] = {"formatter": form}
    return axis | more


def percents(**more: Any) -> Option:
    """An axis from 0 to 100 per cent."""
    return open_percents(max=100, interval=25, **more)


def open_percents(**more: Any) -> Option:
    """An axis of per cent from 0 on: of a budget more may be spent than there was."""
    return values(say("unit.percent", value="{value}"), min=0, **more)


def bars(name: str, data: list[Any], color: str, **more: Any) -> Option:
    """A series of bars."""
    return {
        "type": "bar",
        "name": name,
        "data": data,
        "itemStyle": {"color": color, "borderRadius": 2},
        "barMaxWidth": 22,
        **more,
    }


def line(name: str, data: list[Any], color: str, **more: Any) -> Option:
    """A series of connected points."""
    return {
        "type": "line",
        "name": name,
        "data": data,
        "showSymbol": False,
        "lineStyle": {"color": color, "width": 2},
        "itemStyle": {"color": color},
        **more,
    }


def area(name: str, data: list[Any], color: str, **more: Any) -> Option:
    """A line with the space below it lightly filled."""
    return line(name, data, color, areaStyle={"color": color, "opacity": 0.12}, **more)


#: A grid that leaves room for the legend of a scale.
BELOW_LEGEND: Option = {"left": 4, "right": 12, "top": 32, "bottom": 4} | KEEP_LABELS

#: Numbers in cells, readable on every colour of the scale.
CELL_LABEL: Option = {
    "show": True,
    "fontSize": 11,
    "color": INK,
    "textBorderColor": SURFACE,
    "textBorderWidth": 2,
}


def heat(low: float, high: float, write: Callable[[float], str]) -> Option:
    """A quiet scale from nothing to much, with its legend: what the palest and the strongest colour mean."""
    most = max(high, low + 1)
    return {
        "show": True,
        "orient": "horizontal",
        "right": 12,
        "top": 0,
        "itemWidth": 10,
        "itemHeight": 90,
        "text": [write(most), write(low)],
        "min": low,
        "max": most,
        "inRange": {"color": [f"var(--heat-{step})" for step in range(4)]},
    }


def cells(name: str, data: list[Any]) -> Option:
    """A series of coloured cells with a thin gap between them."""
    return {
        "type": "heatmap",
        "name": name,
        "data": data,
        "itemStyle": {"borderWidth": 2, "borderColor": SURFACE, "borderRadius": 3},
    }


def world(name: str, data: list[Any]) -> Option:
    """A map of the countries of the world; those without a number are as pale as the ground."""
    return {
        "type": "map",
        "map": "world",
        "name": name,
        "data": data,
        "roam": False,
        "selectedMode": False,
        "left": 4,
        "right": 4,
        "top": 32,
        "bottom": 4,
        "showLegendSymbol": False,
        "label": {"show": False},
        "itemStyle": {"areaColor": RAISED, "borderColor": LINE, "borderWidth": 0.6},
        "emphasis": {"label": {"show": False}, "itemStyle": {"areaColor": SECOND}},
    }


def marks(name: str, data: list[Any]) -> Option:
    """A series of upright ticks, such as pass marks across lying bars."""
    return {
        "type": "scatter",
        "name": name,
        "data": data,
        "symbol": "rect",
        # The edge keeps a tick apart from the bar that it lies on.
        "symbolSize": [4, 20],
        "itemStyle": {"color": INK, "borderColor": SURFACE, "borderWidth": 1},
        "silent": True,
    }


def scores(name: str, **more: Any) -> Option:
    """An axis of scores from 0 to 100, which have no unit and so need a name."""
    return values(min=0, max=100, interval=25, name=name, **more)


def scatter(name: str, data: list[Any], color: str, symbol: str) -> Option:
    """A series of points of one form and colour."""
    return {
        "type": "scatter",
        "name": name,
        "data": data,
        "symbol": symbol,
        "symbolSize": 10,
        "itemStyle": {"color": color, "opacity": 0.8},
        "emphasis": {"scale": 1.5},
    }


def zoom() -> Option:
    """A strip below the chart that narrows what it shows."""
    return {
        "type": "slider",
        "height": 18,
        "bottom": 6,
        "brushSelect": False,
        "borderColor": "transparent",
        "backgroundColor": RAISED,
        "fillerColor": "var(--accent-soft)",
        "handleStyle": {"color": ACCENT, "borderColor": ACCENT},
        "moveHandleStyle": {"color": FAINT},
        "textStyle": {"color": MUTED, "fontSize": 11},
        "dataBackground": {"lineStyle": {"opacity": 0}, "areaStyle": {"opacity": 0}},
        "selectedDataBackground": {"lineStyle": {"opacity": 0}, "areaStyle": {"opacity": 0}},
    }

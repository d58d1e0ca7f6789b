"""A chart as Superset keeps it: the form that draws it, and the query that the form makes."""

from __future__ import annotations

from typing import Any, TypeAlias

from coursepulse.superset.charts import Look, SupersetChart

#: What YAML and JSON hold.
Document: TypeAlias = dict[str, Any]

#: Rows at the most: a year of 50 courses is 18,200.
_ROWS = 50_000


def form_of(chart: SupersetChart) -> Document:
    """The form of a chart."""
    shared = {"viz_type": chart.look.value, "adhoc_filters": _choices(chart), "row_limit": _ROWS}
    return shared | _FORMS[chart.look](chart)


def query_of(chart: SupersetChart) -> Document:
    """The query that Superset's pages make of the form, to the letter: a guest may send no other."""
    axis = [_axis(chart)] if chart.axis else []
    return {
        "columns": [*axis, *chart.series],
        "metrics": chart.labels,
        "filters": [{"col": column, "op": "==", "val": value} for column, value in chart.only],
        "orderby": _order(chart),
        "row_limit": _ROWS,
        "extras": {"having": "", "where": ""},
        "annotation_layers": [],
    }


def _axis(chart: SupersetChart) -> Document:
    return {
        "columnType": "BASE_AXIS",
        "sqlExpression": chart.axis,
        "label": chart.axis,
        "expressionType": "SQL",
        "isColumnReference": True,
    }


def _choices(chart: SupersetChart) -> list[Document]:
    return [
        {
            "clause": "WHERE",
            "expressionType": "SIMPLE",
            "subject": column,
            "operator": "==",
            "operatorId": "EQUALS",
            "comparator": value,
        }
        for column, value in chart.only
    ]


def _order(chart: SupersetChart) -> list[tuple[str, bool]]:
    """Each with whether the smallest comes first."""
    if chart.look is Look.NUMBER:
        return []
    if chart.look is Look.HEATMAP:
        return [(chart.axis, True), (chart.series[0], False)]
    order = chart.order or chart.numbers[0]
    return [(chart.label(order.removeprefix("-")), order.startswith("-"))]


def _number(chart: SupersetChart) -> Document:
    return {"metric": chart.labels[0], "header_font_size": 0.4, "subheader_font_size": 0.15}


def _series(chart: SupersetChart) -> Document:
    form: Document = {
        "x_axis": chart.axis,
        "metrics": chart.labels,
        "groupby": list(chart.series),
        "x_axis_sort_asc": True,
        "x_axis_time_format": "%Y-%m-%d",
        "show_legend": len(chart.numbers) > 1 or bool(chart.series),
        "legendOrientation": "top",
        "rich_tooltip": True,
        "color_scheme": "supersetColors",
        "truncateYAxis": False,
    }
    return form | ({"stack": "Stack"} if chart.stacked else {})


def _table(chart: SupersetChart) -> Document:
    form: Document = {
        "query_mode": "aggregate",
        "groupby": list(chart.series),
        "metrics": chart.labels,
        "all_columns": [],
        "percent_metrics": [],
        "page_length": 0,
        "include_search": False,
        "show_cell_bars": True,
        "color_pn": False,
        "order_by_cols": [],
        "table_timestamp_format": "%Y-%m-%d",
    }
    if chart.order:
        form |= {
            "timeseries_limit_metric": chart.label(chart.order.removeprefix("-")),
            "order_desc": not chart.order.startswith("-"),
        }
    return form


def _heatmap(chart: SupersetChart) -> Document:
    return {
        "x_axis": chart.axis,
        "groupby": chart.series[0],
        "metric": chart.labels[0],
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",
        "normalize_across": "heatmap",
        "linear_color_scheme": "superset_seq_1",
        "show_values": True,
        "show_legend": True,
        "y_axis_format": ".0f",
        "value_bounds": [None, None],
    }


_FORMS = {
    Look.NUMBER: _number,
    Look.LINE: _series,
    Look.BAR: _series,
    Look.TABLE: _table,
    Look.HEATMAP: _heatmap,
}

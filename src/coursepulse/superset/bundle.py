"""The files that Superset imports: the database, the data sets, the charts and the dashboards, as YAML."""

from __future__ import annotations

import json
from io import BytesIO
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from coursepulse.metrics.metric import Unit
from coursepulse.superset.address import USUAL_DATABASE
from coursepulse.superset.charts import DASHBOARDS, SupersetChart, SupersetDashboard
from coursepulse.superset.datasets import COURSE, DATA_SETS, SCHEMA, WHOLE, DataColumn, DataSet, ours
from coursepulse.superset.forms import Document, form_of, query_of

#: The format of Superset's files.
_VERSION = "1.0.0"

#: The folder in which all files are; Superset takes the first folder away, whatever it is called.
ROOT = "coursepulse"

DATABASE = ours("database", ROOT)

#: Stands for a password that is sent beside the files.
MASK = "X" * 10

_NOTE = (
    "Numbers are those of whole UTC days, made anew each night. Where few people are behind a number it is hidden, "
    "and the others are rounded, so parts may not add up to their sum."
)

#: How numbers of a unit are written; all others are whole.
_FORMATS = {Unit.PERCENT: ",.1f", Unit.SECONDS: ",.1f"}


def write_bundle(database_url: str = USUAL_DATABASE) -> dict[str, str]:
    """Every file by its path. The same input gives the same files, byte for byte."""
    documents: dict[str, Document] = {
        # Without a type, which would be another one for each of the two ways to import.
        "metadata.yaml": {"version": _VERSION},
        f"databases/{ROOT}.yaml": _database(hide_password(database_url)),
    }
    for dataset in DATA_SETS:
        documents[f"datasets/{ROOT}/{dataset.name}.yaml"] = _dataset(dataset)
    for dashboard in DASHBOARDS:
        documents[f"dashboards/{dashboard.name}.yaml"] = _dashboard(dashboard)
        for chart in dashboard.charts:
            documents[f"charts/{chart.name}.yaml"] = _chart(chart)
    # JSON is YAML too, and needs no library to be written.
    return {path: json.dumps(told, indent=2) + "\n" for path, told in sorted(documents.items())}


def zip_bundle(files: dict[str, str]) -> bytes:
    """The files as one archive, with one time for all of them."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(ZipInfo(f"{ROOT}/{path}", (1980, 1, 1, 0, 0, 0)), text)
    return packed.getvalue()


def hide_password(url: str) -> str:
    """The address with the mask where its password was."""
    password = urlsplit(url).password
    return url if password is None else url.replace(f":{password}@", f":{MASK}@", 1)


def _database(url: str) -> Document:
    return {
        "database_name": ROOT,
        "sqlalchemy_uri": url,
        "cache_timeout": None,
        # Charts are all that this connection is for.
        "expose_in_sqllab": False,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "extra": {},
        "uuid": DATABASE,
        "version": _VERSION,
    }


def _dataset(dataset: DataSet) -> Document:
    return {
        "table_name": dataset.name,
        "main_dttm_col": None,
        "description": dataset.what,
        "default_endpoint": None,
        "offset": 0,
        "cache_timeout": None,
        "schema": SCHEMA,
        "sql": None,
        "params": None,
        "template_params": None,
        "filter_select_enabled": True,
        "fetch_values_predicate": None,
        "extra": None,
        "uuid": ours("dataset", dataset.name),
        "metrics": [_metric(column) for column in dataset.numbers],
        "columns": [_column(column) for column in dataset.columns],
        "version": _VERSION,
        "database_uuid": DATABASE,
    }


def _metric(column: DataColumn) -> Document:
    """The number of the one row that a chart picks out."""
    scale = " / 3600.0" if column.unit is Unit.SECONDS else ""
    return {
        # Legends show this name, also where they show no other.
        "metric_name": column.label,
        "verbose_name": column.label,
        "metric_type": None,
        "expression": f"MAX({column.name}){scale}",
        "description": column.what,
        "d3format": _FORMATS.get(column.unit, ",d"),
        "extra": None,
        "warning_text": None,
    }


def _column(column: DataColumn) -> Document:
    return {
        "column_name": column.name,
        "verbose_name": column.title,
        "is_dttm": column.unit is Unit.DATE,
        "is_active": True,
        "type": sql_type(column),
        "groupby": True,
        "filterable": True,
        "expression": None,
        "description": column.what,
        "python_date_format": None,
        "extra": None,
    }


def sql_type(column: DataColumn) -> str:
    """The type of a column in PostgreSQL."""
    named = {Unit.DATE: "date", Unit.FLAG: "boolean"} | dict.fromkeys(WHOLE, "bigint")
    return named.get(column.unit, "double precision" if column.number else "text")


def _chart(chart: SupersetChart) -> Document:
    form = form_of(chart)
    context = {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [query_of(chart)],
        "form_data": form,
        "result_format": "json",
        "result_type": "full",
    }
    return {
        "slice_name": chart.title,
        "description": None,
        "certified_by": None,
        "certification_details": None,
        "viz_type": chart.look.value,
        "params": form,
        "query_context": json.dumps(context),
        "cache_timeout": None,
        "uuid": chart.uuid,
        "version": _VERSION,
        "dataset_uuid": ours("dataset", chart.data),
    }


def _dashboard(dashboard: SupersetDashboard) -> Document:
    return {
        "dashboard_title": dashboard.title,
        "description": None,
        "css": "",
        "slug": dashboard.slug,
        "uuid": dashboard.uuid,
        "position": _position(dashboard),
        "metadata": {
            "native_filter_configuration": [_course_filter()] if dashboard.by_course else [],
            "cross_filters_enabled": False,
            "refresh_frequency": 0,
            "color_scheme": "supersetColors",
        },
        "version": _VERSION,
        "published": True,
    }


def _position(dashboard: SupersetDashboard) -> Document:
    """Rows from top to bottom, then the note."""
    rows = [f"ROW-{number}" for number in range(len(dashboard.rows))]
    placed: Document = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {
            "type": "GRID",
            "id": "GRID_ID",
            "parents": ["ROOT_ID"],
            "children": [*rows, "ROW-note"],
        },
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.title}},
    }
    for row, charts in zip(rows, dashboard.rows, strict=True):
        placed |= _row(row, {f"CHART-{chart.name}": _place(chart, row) for chart in charts})
    meta = {"width": 12, "height": 12, "code": _NOTE}
    return placed | _row("ROW-note", {"MARKDOWN-note": _part("MARKDOWN", "MARKDOWN-note", "ROW-note", meta)})


def _row(name: str, parts: dict[str, Document]) -> dict[str, Document]:
    row = {
        "type": "ROW",
        "id": name,
        "parents": ["ROOT_ID", "GRID_ID"],
        "children": list(parts),
        "meta": {"background": "BACKGROUND_TRANSPARENT"},
    }
    return {name: row, **parts}


def _place(chart: SupersetChart, row: str) -> Document:
    meta = {
        "chartId": 0,
        "uuid": chart.uuid,
        "sliceName": chart.title,
        "width": chart.width,
        "height": chart.height,
    }
    return _part("CHART", f"CHART-{chart.name}", row, meta)


def _part(kind: str, name: str, row: str, meta: Document) -> Document:
    return {
        "type": kind,
        "id": name,
        "parents": ["ROOT_ID", "GRID_ID", row],
        "children": [],
        "meta": meta,
    }


def _course_filter() -> Document:
    """Chooses one course; there always is one, because numbers of several do not add up."""
    return {
        "id": "NATIVE_FILTER-course",
        "name": "Course",
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        # Charts wait for it.
        "requiredFirst": True,
        "targets": [{"datasetUuid": ours("dataset", "course_totals"), "column": {"name": COURSE.name}}],
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "controlValues": {
            "multiSelect": False,
            "enableEmptyFilter": True,
            "defaultToFirstItem": True,
            "searchAllOptions": True,
            "inverseSelection": False,
        },
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "description": "",
    }

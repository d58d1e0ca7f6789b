"""The files that Superset imports: complete, the same each time, and no number that is a mixture."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.kit.errors import SettingError
from coursepulse.superset.bundle import MASK, hide_password, write_bundle, zip_bundle
from coursepulse.superset.charts import DASHBOARDS, Look, SupersetChart
from coursepulse.superset.datasets import DATA_SETS
from coursepulse.superset.guests import DASHBOARD_NAMES

CHARTS = [chart for dashboard in DASHBOARDS for chart in dashboard.charts]


@pytest.fixture(scope="module")
def files() -> dict[str, Any]:
    return {path: yaml.safe_load(text) for path, text in write_bundle().items()}


def of(files: dict[str, Any], folder: str) -> list[dict[str, Any]]:
    return [told for path, told in files.items() if path.startswith(f"{folder}/")]


def test_the_same_files_are_written_each_time(tmp_path: Path) -> None:
    assert zip_bundle(write_bundle()) == zip_bundle(write_bundle())
    done = CliRunner().invoke(app, ["superset", "export", str(tmp_path)])
    assert "for 3 dashboards" in done.output
    written = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.yaml")}
    assert written == write_bundle()
    with ZipFile(BytesIO(zip_bundle(written))) as archive:
        assert sorted(archive.namelist()) == sorted(f"coursepulse/{path}" for path in written)


def test_everything_that_is_named_is_there(files: dict[str, Any]) -> None:
    (database,) = of(files, "databases")
    datasets, charts = of(files, "datasets"), of(files, "charts")
    assert [each["dashboard_title"].lower() for each in of(files, "dashboards")] == sorted(DASHBOARD_NAMES)
    assert {each["table_name"] for each in datasets} == {each.name for each in DATA_SETS}
    assert {each["database_uuid"] for each in datasets} == {database["uuid"]}
    assert {each["dataset_uuid"] for each in charts} <= {each["uuid"] for each in datasets}
    placed = [
        part["meta"]["uuid"]
        for dashboard in of(files, "dashboards")
        for part in dashboard["position"].values()
        if isinstance(part, dict) and part["type"] == "CHART"
    ]
    assert sorted(placed) == sorted(each["uuid"] for each in charts)
    ids = [each["uuid"] for folder in ("datasets", "charts", "dashboards") for each in of(files, folder)]
    assert len(set(ids)) == len(ids)


def test_every_part_of_a_dashboard_has_its_place(files: dict[str, Any]) -> None:
    for dashboard in of(files, "dashboards"):
        parts = {name: part for name, part in dashboard["position"].items() if isinstance(part, dict)}
        children = [child for part in parts.values() for child in part.get("children", [])]
        assert sorted([*children, "ROOT_ID", "HEADER_ID"]) == sorted(parts)
        for part in parts.values():
            if part["type"] == "ROW":
                assert sum(parts[child]["meta"]["width"] for child in part["children"]) == 12


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_a_chart_tells_rows_apart_by_every_key(chart: SupersetChart) -> None:
    named = {chart.axis, *chart.series, *(column for column, _ in chart.only)}
    assert set(chart.dataset.keys) <= named
    columns = {each.name for each in chart.dataset.columns}
    assert named - {""} | set(chart.numbers) <= columns
    # Numbers that nothing tells apart are those of one row.
    assert (chart.look is Look.NUMBER) == (not chart.dataset.keys)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_the_form_and_its_query_ask_for_the_same(chart: SupersetChart, files: dict[str, Any]) -> None:
    told = files[f"charts/{chart.name}.yaml"]
    (query,) = json.loads(told["query_context"])["queries"]
    form = told["params"]
    metrics = form.get("metrics") or [form["metric"]]
    groups = form.get("groupby") or []
    asked = [each if isinstance(each, str) else each["label"] for each in query["columns"]]
    axis = [form["x_axis"]] if "x_axis" in form else []
    assert query["metrics"] == metrics
    assert asked == [*axis, *([groups] if isinstance(groups, str) else groups)]
    assert [(each["subject"], each["comparator"]) for each in form["adhoc_filters"]] == [
        (each["col"], each["val"]) for each in query["filters"]
    ]
    dataset = files[f"datasets/coursepulse/{chart.data}.yaml"]
    assert set(metrics) <= {each["metric_name"] for each in dataset["metrics"]}


def test_no_password_is_written() -> None:
    url = "postgresql+psycopg2://superset:se%40cret@db.example.edu/coursepulse?host=/run"
    assert hide_password(url) == f"postgresql+psycopg2://superset:{MASK}@db.example.edu/coursepulse?host=/run"
    assert not any("se%40cret" in text for text in write_bundle(url).values())
    refused = CliRunner().invoke(app, ["superset", "export", "somewhere", "--database-url", url])
    assert isinstance(refused.exception, SettingError)
    assert not Path("somewhere").exists()

"""Models for administrators: cards, training on request, the way back, drift, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from functools import cache
from html import unescape

import httpx
import msgspec
import polars as pl
import pytest
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.insight.drift_watch import DriftCount
from coursepulse.insight.models_kept import KeptModel, ModelsKept
from coursepulse.insight.registry import FileRegistry
from coursepulse.insight.risk.card import as_json, make_card
from coursepulse.insight.risk.drift import psi, spread_of, weights_like
from coursepulse.insight.risk.gate import judge_kinds
from coursepulse.insight.training import MODEL
from coursepulse.insight.upkeep import DriftReport, Upkeep
from coursepulse.kit.clock import MINUTE, to_micros
from coursepulse.store.postgres.connect import Pool, open_pool
from tests.insight.test_risk_training import rows, train_as
from tests.support.browsing import sign_in, token_of
from tests.support.pages import PASSWORD, Pages
from tests.support.postgres import owner_dsn

NEWEST, OLDER, REFUSED = "20310602-120000-2", "20310601-120000-1", "20310603-120000-3"


@cache
def card() -> dict[str, object]:
    trained = train_as("logistic")
    ruling = judge_kinds(trained.tested, trained.held_out * 0.5, None)
    made = make_card(trained, rows(), ruling, data="x", trained_at="2031-06-01T00:00:00Z", groups=None)
    return msgspec.json.decode(as_json(made), type=dict)


def keep_models(kept: ModelsKept, at: int) -> None:
    for nth, (name, shown) in enumerate(((OLDER, True), (NEWEST, True), (REFUSED, False))):
        kept.note(KeptModel(name, at + nth, date(2031, 6, 1), shown, "" if shown else "too bold", card()), [])
    kept.crown(NEWEST, at + 9)


@pytest.fixture(scope="module")
def pool(pages: Pages) -> Iterator[Pool]:
    with open_pool(owner_dsn(pages.sender.data), 2) as pool:
        keep_models(ModelsKept(pool), to_micros(datetime.now(UTC)))
        for _ in range(2):
            FileRegistry(pages.sender.data / "models").publish(MODEL, {"card.json": b"{}"}, "2031")
        yield pool
        with pool.connection() as connection:
            connection.execute("DELETE FROM risk_champion")


@pytest.fixture(scope="module")
def admin(pages: Pages, pool: Pool) -> Iterator[httpx.Client]:
    del pool
    with closing(sign_in(pages.url, "admin", PASSWORD)) as http:
        yield http


def test_the_page_says_which_model_predicts_and_why_another_does_not(admin: httpx.Client) -> None:
    html = unescape(admin.get("/admin/models").raise_for_status().text).replace("\xa0", " ")
    assert f"Model {NEWEST} has predicted since" in html
    assert f"Card of model {NEWEST}" in html
    other = unescape(admin.get("/admin/models", params={"model": REFUSED}).text)
    assert "For all courses: its calibration error is" in other
    assert "AUC above the rule" in other
    assert admin.get("/admin/models", params={"model": "no such"}).status_code == 200


def test_drift_is_shown_where_it_was_measured(admin: httpx.Client, pool: Pool) -> None:
    report = DriftReport(NEWEST, datetime.now(UTC), 500, {"silent": 0.31, "earned": 0.02}, 0.27)
    Upkeep(pool).put_drift(report)
    html = unescape(admin.get("/admin/models").text)
    assert "0.31" in html
    assert "Share of learners who do not complete" in html
    [told] = admin.get("/cards/system_models.json").raise_for_status().json()["rows"]
    assert (told["model"], told["drifted"]) == (NEWEST, 1)


def test_the_api_and_the_commands_say_the_same(pages: Pages, pool: Pool, admin: httpx.Client) -> None:
    del pool
    listed = admin.get("/v1/models").json()
    assert [each["model"] for each in listed["models"]] == [REFUSED, NEWEST, OLDER]
    assert [each["champion"] for each in listed["models"]] == [False, True, False]
    assert admin.get("/v1/models/nothing").json()["code"] == "unknown_model"
    run = CliRunner().invoke(app, ["insight", "card", "--data", str(pages.sender.data)])
    assert run.stdout.startswith("# Model card: at-risk"), run.output
    told = CliRunner().invoke(app, ["insight", "card", REFUSED, "--json", "--data", str(pages.sender.data)])
    assert json.loads(told.stdout)["model"]["why"] == "too bold"


def test_a_teacher_and_a_student_see_and_change_nothing(pages: Pages, pool: Pool) -> None:
    del pool
    for who in ("instructor", "student", "manager", "auditor"):
        with closing(sign_in(pages.url, who, PASSWORD)) as http:
            assert http.get("/admin/models").status_code == 403
            assert http.get("/v1/models").status_code == 403
            form = {"form_token": token_of(http.get("/definitions").text), "do": "roll_back"}
            assert http.post("/admin/models", data=form).status_code == 403
            origin = {"Origin": pages.url}
            assert http.post("/v1/models/roll-back", headers=origin).status_code == 403


def test_the_way_back_is_one_command_and_is_on_record(pages: Pages, pool: Pool, admin: httpx.Client) -> None:
    run = CliRunner().invoke(app, ["insight", "roll-back", "--data", str(pages.sender.data)])
    assert run.stdout == f"Model {OLDER} predicts again.\n", run.output
    assert FileRegistry(pages.sender.data / "models").champion(MODEL) == 1
    form = {"form_token": token_of(admin.get("/admin/models").text), "do": "roll_back"}
    assert "The rule is shown alone." in unescape(admin.post("/admin/models", data=form).text)
    assert admin.post("/admin/models", data=form).status_code == 409
    with pool.connection() as connection:
        trail = connection.execute(
            "SELECT detail FROM audit_trail WHERE tag = 'insight:model:roll_back' ORDER BY number"
        ).fetchall()
    assert trail == [(f"model={NEWEST}",), (f"model={OLDER}",)]


def test_a_training_that_somebody_asks_for_is_run_by_the_job(pages: Pages, pool: Pool) -> None:
    run = CliRunner().invoke(app, ["insight", "train", "--no-wait", "--data", str(pages.sender.data)])
    assert run.stdout == "A training has been asked for.\n", run.output
    assert Upkeep(pool).read().asked_by


def test_rows_are_weighted_until_they_are_spread_as_in_training() -> None:
    then = spread_of(pl.Series([float(each) for each in range(100)]))
    early = pl.Series([float(each % 40) for each in range(400)] + [float(each) for each in range(100)])
    assert psi(then, early) > 0.25
    assert psi(then, early, weights_like(then, early)) < 0.05


def test_drift_is_counted_once_a_minute(pool: Pool) -> None:
    kept, upkeep = ModelsKept(pool), Upkeep(pool)
    kept.crown(OLDER, 1)
    count = DriftCount(kept, upkeep)
    assert count.at(MINUTE) == 0
    upkeep.put_drift(DriftReport(OLDER, datetime.now(UTC), 500, {"silent": 0.31}, 0.9))
    assert count.at(MINUTE + 1) == 0
    assert count.at(2 * MINUTE) == 2

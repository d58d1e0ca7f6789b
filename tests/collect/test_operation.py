"""What an operator and a developer see of the collector."""

from __future__ import annotations

import re

import pytest

from coursepulse.collect.steps import STEPS
from tests.collect.harness import CollectorHarness, event


def test_health_counts_what_happened_and_times_every_step(collector: CollectorHarness) -> None:
    collector.send(event(), event(event_id="e-2", student_id="ben"), event(event_type="nonsense"))
    facts = collector.http.get("/v1/health").json()
    assert facts["status"] == "ok"
    assert facts["pipeline"]["lag"] == 1
    assert facts["collector"]["events"] == {"accepted": 1, "no_consent": 1, "unknown_event_type": 1}
    assert list(facts["collector"]["steps"]) == ["authenticate", *(step.__name__ for step in STEPS), "append"]
    assert all(step["calls"] == 1 and step["seconds"] > 0 for step in facts["collector"]["steps"].values())
    assert facts["collector"]["dead_letters"]["waiting"] == {"unknown_event_type": 1}


@pytest.mark.parametrize("header", ["", "Bearer made-up", "Basic x"])
def test_strangers_learn_whether_the_server_is_well_and_no_more(
    collector: CollectorHarness, header: str
) -> None:
    collector.send(event())
    answer = collector.http.get("/v1/health", headers={"Authorization": header})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_lag_goes_down_as_the_pipeline_goes_on(collector: CollectorHarness) -> None:
    collector.send(event())
    collector.catch_up()
    assert collector.http.get("/v1/health").json()["pipeline"]["lag"] == 0


def test_the_reference_needs_nothing_from_elsewhere(collector: CollectorHarness) -> None:
    page = collector.http.get("/docs", follow_redirects=True)
    assert page.status_code == 200
    loaded = re.findall(r"(?:src|href)=['\"]([^'\"]+)", page.text)
    assert loaded
    assert all(address.startswith(("/static/", "/docs/")) for address in loaded)


def test_the_reference_shows_an_event_a_receipt_and_every_error(collector: CollectorHarness) -> None:
    schema = collector.http.get("/docs/openapi.json").json()
    operation = schema["paths"]["/v1/events"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["examples"]["one"]["value"]["event_type"]
    assert operation["responses"].keys() == {"202", "400", "401", "403", "413", "415", "429", "503"}
    receipt = operation["responses"]["202"]["content"]["application/json"]["examples"]
    assert "rejected" in str(receipt)
    assert schema["components"]["securitySchemes"]["key"]["scheme"] == "bearer"

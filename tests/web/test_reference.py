"""The reference of the API: every body has an example, and every example can be sent as it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coursepulse.web.http.examples import EXAMPLES
from tests.support.server import Platform, platform

#: What an address asks for besides.
PARAMETERS = {
    ("put", "/v1/roster/seen"): {
        name: EXAMPLES["post", "/v1/roster/deliveries"][name]  # type: ignore[index]
        for name in ("source", "delivery")
    }
}

#: What only people may ask for, and no key: the body is read all the same.
FOR_PEOPLE = {
    ("post", "/v1/break-glass"),
    ("post", "/v1/alerts/acknowledge"),
    ("post", "/v1/alerts/snooze"),
    ("put", "/v1/alert-thresholds"),
    ("put", "/v1/risk-thresholds"),
}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Any:
    chosen = {"embed_origins": "https://lms.example.edu", "superset": "on"}
    with platform(tmp_path_factory.mktemp("reference"), **chosen) as sender:
        yield sender, sender.http.get("/docs/openapi.json").raise_for_status().json()


def test_every_body_has_an_example(reference: tuple[Platform, Any]) -> None:
    for path, operations in reference[1]["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                assert "example" in content or "examples" in content, (method, path)


def test_every_example_can_be_sent_as_it_stands(reference: tuple[Platform, Any]) -> None:
    made: dict[str, object] = {}
    for (method, path), body in EXAMPLES.items():
        address = path.format(letter=1, login_name="emil.artin", job="retention", **made)
        answer = reference[0].http.request(method, address, json=body, params=PARAMETERS.get((method, path)))
        if (method, path) in FOR_PEOPLE:
            assert answer.json()["code"] == "forbidden"
            continue
        assert answer.is_success, (method, path, answer.text)
        if path == "/v1/reports":
            made = {"report_id": answer.json()["report_id"]}
        assert "rejected" not in answer.text or not answer.json()["rejected"], (method, path, answer.text)


def test_every_operation_is_named_in_words(reference: tuple[Platform, Any]) -> None:
    for path, operations in reference[1]["paths"].items():
        for method, operation in operations.items():
            assert " " in operation["summary"], (method, path)
    assert reference[1]["paths"]["/v1/roster/people"]["put"]["summary"] == "Add or change people"


def test_fields_are_described_where_they_stand(reference: tuple[Platform, Any]) -> None:
    rows = reference[1]["paths"]["/v1/roster/people"]["put"]["requestBody"]["content"]["application/json"]
    person = rows["schema"]["items"]
    assert person["description"] == "One person, by the platform's own id."
    assert person["properties"]["time_zone"]["description"].startswith("an IANA name")
    assert ":param" not in json.dumps(reference[1])

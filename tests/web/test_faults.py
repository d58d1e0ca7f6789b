"""What an address or a body that does not fit is told: names that were sent, choices that there are, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from coursepulse.collect.keys import LOCAL_SCOPES, Key, KeyRing
from coursepulse.kit.settings import Settings
from coursepulse.web.audit import api as audit_api
from coursepulse.web.http.app import build
from coursepulse.web.identity import api as identity_api
from coursepulse.web.metrics import api as metrics_api
from coursepulse.web.privacy import api as privacy_api
from coursepulse.web.roster import api as roster_api
from tests.support.services import wire


class Gate:
    """As much of a collector as a request that is refused at once gets to see."""

    keys = KeyRing([("secret", Key("local", LOCAL_SCOPES))])

    def admit(self, key: Key) -> None:
        """Let every key ask as often as it likes."""


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    services = wire(settings=Settings(), clock=lambda: 0, collector=Gate())
    routes = [
        *(*audit_api.routes, *identity_api.routes, *metrics_api.routes),
        *(*privacy_api.routes, *roster_api.routes),
    ]
    with TestClient(build(services, routes)) as client:
        client.headers["Authorization"] = "Bearer secret"
        yield client


ADDRESSES = [
    ("/v1/metrics/clicks?format=pdf", "$.format", "`format` must be one of json, csv, not 'pdf'."),
    (
        "/v1/metrics/clicks?limit=0",
        "$.limit",
        "`limit` does not fit: send a whole number of at least 1 here.",
    ),
    ("/v1/metrics/clicks?course=%00", "$.course", "`course` contains the character U+0000; remove it."),
    ("/v1/audit?from=" + 41 * "x", "$.from", "`from` does not fit: send text of at most 40 characters here."),
    ("/v1/roster/people", "$.ids", "`ids` is missing."),
]


@pytest.mark.parametrize(("address", "path", "sentence"), ADDRESSES)
def test_a_parameter_is_named_as_it_was_sent(
    http: httpx.Client, address: str, path: str, sentence: str
) -> None:
    answer = http.get(address)
    assert answer.status_code == 400
    assert answer.json() == {"code": "invalid_request", "path": path, "sentence": sentence}


UNUSED = [
    ("/v1/audit?form=csv", "form", "actor, after, from, limit, student, subject, tag, text, to"),
    ("/v1/students/me/accesses?name=x", "name", "after"),
    ("/v1/roster/people?ids=a&id=b", "id", "ids"),
    ("/v1/metrics?page=2", "page", "none"),
    ("/v1/privacy/requests?data=x", "data", "limit"),
]


@pytest.mark.parametrize(("address", "unused", "taken"), UNUSED)
def test_a_parameter_that_means_nothing_is_refused(
    http: httpx.Client, address: str, unused: str, taken: str
) -> None:
    problem = http.get(address).json()
    assert (problem["code"], problem["path"]) == ("unused_parameter", f"$.{unused}")
    assert f"no parameter `{unused}` here; it takes {taken}." in problem["sentence"]


BODIES: list[tuple[Any, str, str]] = [
    ({"student": "a", "mode": "shred"}, "$.mode", "`mode` must be one of anonymise, delete, not 'shred'."),
    ({"student": "a", "why": 1}, "$.why", "There is no field `why` here; leave it out."),
    ({"mode": "delete"}, "$.student", "`student` is missing."),
    ({"student": 5}, "$.student", "`student` does not fit: send text here, not a whole number."),
    ([], "$", "The body does not fit: send an object here, not a list."),
]


@pytest.mark.parametrize(("body", "path", "sentence"), BODIES)
def test_a_field_is_named_and_what_it_may_be(http: httpx.Client, body: Any, path: str, sentence: str) -> None:
    answer = http.post("/v1/privacy/erasures", json=body)
    assert answer.status_code == 400
    assert answer.json() == {"code": "invalid_request", "path": path, "sentence": sentence}


def test_no_body_and_half_a_body(http: httpx.Client) -> None:
    none, half = (http.post("/v1/privacy/erasures", content=content) for content in (b"", b'{"student":'))
    assert none.json()["sentence"] == "The request needs a body in JSON."
    assert half.json()["sentence"] == "The request cannot be read: Input data was truncated."


def test_an_address_that_is_none_and_a_method_that_it_does_not_take(http: httpx.Client) -> None:
    nowhere, wrong = http.get("/v1/nowhere"), http.delete("/v1/metrics/clicks")
    assert nowhere.json()["sentence"] == "There is nothing at this address; see /docs for all addresses."
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.json()["sentence"].startswith("This address does not accept DELETE; use ")
    assert "GET" in wrong.headers["allow"]

"""Every operation of the API, asked with everything its description allows and much that it does not.

Nothing may end in an error of the server. The description itself is read from the running server.
"""

from __future__ import annotations

import importlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import product
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.support.browsing import sign_in
from tests.support.long import LONG
from tests.support.server import Platform, platform

pytestmark = pytest.mark.slow

#: What schemathesis asks with; it comes without types.
requests: Any = importlib.import_module("requests")

#: Cases per operation and asker; set FUZZ_EXAMPLES higher to hunt.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "7" if LONG else "2"))

PASSWORD = "a password of the tests"

#: Walking the whole trail hundreds of times proves nothing more.
WALKS = ("/v1/audit/verify", "/v1/compliance")


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    chosen = {"demo": True, "demo_password": PASSWORD, "embed_origins": "http://localhost:1"}
    with platform(tmp_path_factory.mktemp("fuzzed"), visits_per_minute=0, **chosen) as sender:
        yield sender


@pytest.fixture(scope="module")
def described(fuzzed: Platform) -> dict[str, Any]:
    schema: dict[str, Any] = fuzzed.http.get("/docs/openapi.json").raise_for_status().json()
    return schema


@pytest.fixture(scope="module")
def askers(fuzzed: Platform) -> Iterator[dict[str, Any]]:
    """A stranger, somebody with few rights, and two with every right."""
    url = fuzzed.server.url
    with ExitStack() as opened:
        known = {
            name: opened.enter_context(closing(requests.Session()))
            for name in ("stranger", "student", "admin", "key")
        }
        known["key"].headers["Authorization"] = f"Bearer {fuzzed.server.key}"
        for name in ("student", "admin"):
            with closing(sign_in(url, name, PASSWORD)) as http:
                known[name].cookies.update(dict(http.cookies))
            known[name].headers["Origin"] = url
        yield known


def test_every_operation_is_described(described: dict[str, Any]) -> None:
    operations = [each for path in described["paths"].values() for each in path.values()]
    assert len(operations) > 25
    for each in operations:
        assert "Asynccallable" not in each["operationId"]
        assert each["description"]
    for path, methods in described["paths"].items():
        for method in {"put", "patch"} & set(methods):
            assert "requestBody" in methods[method], path


@pytest.mark.long
def test_no_request_is_an_error_of_the_server(
    fuzzed: Platform, described: dict[str, Any], askers: dict[str, Any]
) -> None:
    api = schemathesis.openapi.from_dict(described)
    answers: Counter[tuple[str, int]] = Counter()
    for found in api.get_all_operations():
        operation: Any = cast(Any, found).ok()
        times = 2 if operation.path in WALKS else EXAMPLES
        ask(fuzzed.server.url, operation, times, askers, answers)
    assert answers.total() > 400
    assert not [status for _, status in answers if status >= 500]
    for asker in askers:
        assert answers[asker, 200] > 0
    # Enough was understood to reach the stores.
    assert answers["key", 200] > 40


def ask(
    url: str, operation: Any, times: int, askers: dict[str, Any], answers: Counter[tuple[str, int]]
) -> None:
    """Send ``times`` requests of an operation for each asker, about half of them as described."""
    modes = schemathesis.GenerationMode
    cases = st.one_of(
        operation.as_strategy(generation_mode=modes.POSITIVE),
        operation.as_strategy(generation_mode=modes.NEGATIVE),
    )

    @seed(1)
    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def send(case: Any) -> None:
        for asker, session in askers.items():
            answer = case.call(base_url=url, session=session)
            answers[asker, answer.status_code] += 1
            check(answer, f"{asker}: {case.as_curl_command()}")

    send()


def check(answer: Any, asked: str) -> None:
    """An error is one of the asker, says so, and shows nothing of the inside."""
    assert answer.status_code < 500, f"{asked}: {answer.text}"
    if answer.status_code >= 400:
        problem = json.loads(answer.content)
        assert problem["code"], asked
        assert problem["sentence"].endswith("."), asked
        assert "Traceback" not in problem["sentence"], asked


#: Deeper than any reader of JSON goes: a list, objects, a value within a sound object, and one that never ends.
DEEP = (
    "[" * 5000 + "]" * 5000,
    '{"a":' * 5000 + "1" + "}" * 5000,
    '{"student": ' + "[" * 5000 + "]" * 5000 + "}",
    "[" * 100_000,
)


def test_a_body_without_bottom_is_an_error_of_the_asker_at_every_address(
    fuzzed: Platform, described: dict[str, Any], askers: dict[str, Any]
) -> None:
    asked = [
        (method, path.replace("{letter}", "1").replace("{", "").replace("}", ""))
        for path, methods in described["paths"].items()
        for method in {"post", "put", "patch"} & set(methods)
    ]
    assert len(asked) > 15
    for method, path in [*asked, ("post", "/sign-in"), ("post", "/nowhere")]:
        for (asker, session), body in product(askers.items(), DEEP):
            answer = session.request(
                method, fuzzed.server.url + path, data=body, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code < 500, f"{asker}: {method} {path} {body[:20]}: {answer.text}"
            assert "recursion" not in answer.text

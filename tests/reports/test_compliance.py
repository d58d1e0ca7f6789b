"""The compliance report: every count from real tables, and the same numbers in JSON and on paper."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from coursepulse.audit.chain import Head, Verification
from coursepulse.kit.clock import to_micros
from coursepulse.reports.compliance import (
    Accesses,
    AccessGrantRow,
    Chain,
    Compliance,
    ConsentCounts,
    Refusals,
    Requests,
    RetentionCounts,
    shape_report,
)
from coursepulse.reports.pdf import compile_report, to_pdf
from tests.support.browsing import sign_in
from tests.support.server import Platform

PASSWORD = "a password of the tests"
NOON = datetime(2026, 3, 31, 12, 5, tzinfo=UTC)

REPORT = Compliance(
    start=NOON - timedelta(days=30),
    end=NOON,
    made_at=NOON + timedelta(minutes=7),
    version="0.1.0",
    chain=Chain(True, 1234567, None, "", 1234568, "5f" * 32),
    consents=[ConsentCounts("analytics", 5311, 127, 9012), ConsentCounts("employer_sharing", 14, 3, 21)],
    requests=[
        Requests("erasure", "anonymise", 41, 39, 1, 0.27, 743.11),
        Requests("export", "", 2, 0, 0, None, None),
    ],
    accesses=[Accesses("instructor", "metrics:course:read", 48211, 61), Accesses("student", "a:b:c", 7, 6)],
    refusals=[Refusals("instructor", "metrics:student:refused", "not_in_a_course", 18)],
    openings=[
        AccessGrantRow(
            511, "account:a-long-name-of-an-account-0123456789", "instructor", NOON, None, "", "record"
        ),
        AccessGrantRow(
            512, "account:b", "admin", NOON, NOON + timedelta(hours=2, minutes=2), "account:c", "account"
        ),
    ],
    retention=[RetentionCounts("raw days", 30, 31, NOON, NOON - timedelta(days=90))],
)


def text_of(report: Compliance) -> str:
    """What the template puts onto the pages, without the spaces that only shape it."""
    page = compile_report(report, "html").decode()
    text = html.unescape(re.sub(r"<[^>]+>", " ", page))
    return text.replace("\u202f", "").replace("\u200b", "")


def leaves(value: Any) -> Iterator[Any]:
    """Every value of a JSON document that is no container."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def shown(value: Any) -> str:
    """A value of the JSON as people read it."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return value[:16].replace("T", " ")
    return value.replace("_", " ") if isinstance(value, str) and ":" not in value else str(value)


def test_every_value_of_the_json_stands_on_the_pages() -> None:
    text = text_of(REPORT)
    values = [value for value in leaves(msgspec.to_builtins(REPORT)) if value not in (None, "", True)]
    assert len(values) > 50
    for value in values:
        # The footer is no part of the text of HTML.
        if value not in ("0.1.0", msgspec.to_builtins(REPORT)["made_at"]):
            assert re.search(rf"(?<![\w.]){re.escape(shown(value))}(?![\w]|\.\d)", text), value


def test_a_broken_chain_is_said_in_its_first_section() -> None:
    broken = Chain(False, 17, 18, "the entry does not match its hash", 17, "00" * 32)
    text = text_of(msgspec.structs.replace(REPORT, chain=broken))
    assert "The chain is broken at entry 18: the entry does not match its hash." in " ".join(text.split())
    assert "holds:" not in text


def test_a_report_about_nothing_says_so() -> None:
    parts = ("consents", "requests", "accesses", "refusals", "openings", "retention")
    rows: dict[str, list[tuple[Any, ...]]] = {part: [] for part in parts}
    moment = to_micros(NOON)
    nothing = shape_report(
        rows, Verification(0, Head(0, bytes(32))), start=0, end=moment, now=moment, version="1"
    )
    assert "There was none in this period." in text_of(nothing)
    assert to_pdf(nothing).startswith(b"%PDF-")


def test_the_same_report_makes_the_same_file() -> None:
    made = to_pdf(REPORT)
    assert made == to_pdf(REPORT)
    assert made.startswith(b"%PDF-1.7")


def decide(http: httpx.Client, names: str) -> None:
    """Five decide about research; the first of them changes their mind."""
    moment = datetime.now(UTC).isoformat()
    rows = [
        {
            "external_id": f"{names}-{n}",
            "purpose": "research",
            "granted": n != 2,
            "text_version": "1",
            "at": moment,
        }
        for n in range(5)
    ]
    http.put("/v1/consents", json=rows).raise_for_status()
    later = datetime.now(UTC).isoformat()
    http.put("/v1/consents", json=[rows[0] | {"granted": False, "at": later}]).raise_for_status()


def research(http: httpx.Client) -> tuple[int, int, int]:
    """Decisions for and against it, and who agrees."""
    (found,) = (each for each in report(http)["consents"] if each["purpose"] == "research")
    return found["given"], found["withdrawn"], found["agreeing"]


@pytest.fixture(scope="module")
def campus(running_server: Platform) -> Platform:
    """Decisions, a refusal and an opened record, all of today."""
    http = running_server.http
    decide(http, "compliance")
    for name, role in (("cp-auditor", "auditor"), ("cp-admin", "admin"), ("cp-teacher", "instructor")):
        made = {"login_name": name, "role": role, "password": PASSWORD}
        http.post("/v1/accounts", json=made).raise_for_status()
    return running_server


def signed_in(campus: Platform, name: str) -> httpx.Client:
    return sign_in(campus.server.url, name, PASSWORD)


def report(http: httpx.Client, **wish: str) -> dict[str, Any]:
    answer: dict[str, Any] = http.get("/v1/compliance", params=wish).raise_for_status().json()
    return answer


def test_decisions_are_counted_by_purpose(campus: Platform) -> None:
    before = research(campus.http)
    decide(campus.http, "counted")
    after = research(campus.http)
    assert [now - then for now, then in zip(after, before, strict=True)] == [4, 2, 3]


def test_only_the_period_is_counted(campus: Platform) -> None:
    past = report(campus.http, **{"from": "2020-01-01", "to": "2021-01-01"})
    assert (past["from"], past["to"]) == ("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z")
    parts = ("consents", "requests", "accesses", "refusals", "openings", "retention")
    assert [past[part] for part in parts] == [[]] * 6
    assert past["chain"]["holds"]
    assert past["chain"]["checked"] > 0


def test_an_opened_record_is_reported_until_and_after_somebody_looked(campus: Platform) -> None:
    with closing(signed_in(campus, "cp-teacher")) as teacher, closing(signed_in(campus, "cp-admin")) as admin:
        wish = {"student": "compliance-1", "reason": "The parents called about an accident."}
        number = teacher.post("/v1/break-glass", json=wish).raise_for_status().json()["id"]
        found = {each["number"]: each for each in report(campus.http)["openings"]}[number]
        assert (found["role"], found["acknowledged_at"]) == ("instructor", None)
        assert "compliance-1" not in str(found)
        assert "accident" not in str(found)
        admin.post(f"/v1/break-glass/{number}/acknowledge").raise_for_status()
        found = {each["number"]: each for each in report(campus.http)["openings"]}[number]
        assert found["acknowledged_by"].startswith("account:")


def test_auditors_and_administrators_read_it_and_others_are_refused_on_the_record(campus: Platform) -> None:
    for name in ("cp-auditor", "cp-admin"):
        with closing(signed_in(campus, name)) as http:
            assert report(http)["chain"]["holds"]
    with closing(signed_in(campus, "cp-teacher")) as http:
        assert http.get("/v1/compliance").status_code == 403
    refused = [each for each in report(campus.http)["refusals"] if each["tag"] == "compliance:report:refused"]
    assert [(each["role"], each["entries"] >= 1) for each in refused] == [("instructor", True)]
    made = (
        campus.http.post("/v1/keys", json={"name": "cp-read", "scopes": ["read"]}).raise_for_status().json()
    )
    headers = {"Authorization": f"Bearer {made['secret']}"}
    assert httpx.get(f"{campus.server.url}/v1/compliance", headers=headers).status_code == 403
    assert httpx.get(f"{campus.server.url}/v1/compliance").status_code == 401


def test_reading_it_is_an_entry_itself(campus: Platform) -> None:
    report(campus.http)
    tags = {each["tag"]: each["entries"] for each in report(campus.http)["accesses"]}
    assert tags["compliance:report:read"] >= 1
    assert tags["consent:student:changed"] >= 2


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"from": "soon"}, "invalid_date"),
        ({"from": "2026-02-01", "to": "2026-02-01"}, "invalid_period"),
        ({"to": "1900-01-01"}, "invalid_period"),
        ({"format": "docx"}, "invalid_request"),
    ],
)
def test_a_wish_that_cannot_be_met_is_explained(campus: Platform, wish: dict[str, str], code: str) -> None:
    answer = campus.http.get("/v1/compliance", params=wish)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_the_command_writes_paper_or_numbers(campus: Platform, tmp_path: Path) -> None:
    base = [sys.executable, "-m", "coursepulse", "compliance", "report", "--data", str(campus.data)]
    file = tmp_path / "report.pdf"
    subprocess.run([*base, str(file), "--from", "2026-01-01"], check=True)
    assert file.read_bytes().startswith(b"%PDF-")
    printed = subprocess.run([*base, "--format", "json"], check=True, capture_output=True).stdout
    assert msgspec.json.decode(printed)["chain"]["holds"]
    wrong = subprocess.run([*base, "--from", "soon"], check=False, capture_output=True, text=True)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    assert "must be a day" in wrong.stderr

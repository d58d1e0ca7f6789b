"""The trail of a running server: what people do is in it, and what is done to it is named."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest

from coursepulse.client.local_server import Server
from tests.support.browsing import sign_in
from tests.support.postgres import owner_dsn
from tests.support.server import Platform, platform

KEYS = "auditor:audit-secret:audit,reader:read-secret:read"
PASSWORD = "a password of the tests"


class Audited(NamedTuple):
    """A running server and where its data lie."""

    sender: Platform
    data: Path

    @property
    def server(self) -> Server:
        return self.sender.server

    @property
    def http(self) -> httpx.Client:
        return self.sender.http


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    data = tmp_path_factory.mktemp("server")
    with platform(data, api_keys=KEYS, demo=True, demo_password=PASSWORD, small_group=7) as sender:
        yield Audited(sender, data)


def auditor(server: Audited) -> httpx.Client:
    headers = {"Authorization": "Bearer audit-secret"}
    return httpx.Client(base_url=server.server.url, headers=headers, timeout=60)


def browser(server: Audited) -> httpx.Client:
    return sign_in(server.server.url, "admin", PASSWORD)


def search(server: Audited, **wish: str) -> list[dict[str, Any]]:
    with auditor(server) as http:
        entries: list[dict[str, Any]] = (
            http.get("/v1/audit", params=wish).raise_for_status().json()["entries"]
        )
    return entries


def command(server: Audited, *words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "coursepulse", "audit", *words, "--data", str(server.data)]
    return subprocess.run(program, capture_output=True, text=True, check=False)


def test_the_settings_of_a_start_are_an_entry(server: Audited) -> None:
    entry = search(server, tag="settings")[0]
    assert (entry["tag"], entry["actor"]) == ("settings:server:start", "server")
    assert "small_group=7" in entry["detail"].split()
    assert "api_keys=…" in entry["detail"].split()


def test_a_read_is_an_entry(server: Audited) -> None:
    server.sender.metric("clicks", course="seen-1")
    entry = search(server, subject="seen-1")[0]
    assert entry["tag"] == "metrics:course:read"
    assert (entry["actor"], entry["role"]) == ("key:local", "service")
    assert entry["address"] == "127.0.0.0/24"
    assert entry["detail"].startswith("clicks days=")
    assert entry["request_id"]


def test_a_student_is_recorded_by_pseudonym(server: Audited) -> None:
    server.sender.metric("student_summary", student="seen-student")
    entries = search(server, student="seen-student")
    assert [entry["tag"] for entry in entries] == ["metrics:student:read"]
    assert "seen-student" not in json.dumps(entries)


def test_an_export_is_told_apart(server: Audited) -> None:
    server.http.get("/v1/metrics/clicks", params={"course": "file-1", "format": "csv"}).raise_for_status()
    assert [entry["tag"] for entry in search(server, subject="file-1")] == ["metrics:course:export"]


def test_changes_of_the_roster_and_of_consents_are_entries(server: Audited) -> None:
    server.http.put("/v1/roster/people", json=[{"external_id": "p-1", "name": "P"}]).raise_for_status()
    server.http.put("/v1/roster/courses", json=[{"course_id": "changed-1"}]).raise_for_status()
    server.sender.agree("p-1")
    server.http.get("/v1/roster/people", params={"ids": "p-1"}).raise_for_status()
    server.http.get("/v1/consents/p-1").raise_for_status()
    server.http.get("/v1/dead-letters").raise_for_status()
    server.http.post("/v1/dead-letters/replay", json={}).raise_for_status()
    tags = [entry["tag"] for entry in search(server, actor="key:local", limit="7")]
    assert tags == [
        "dead-letters:letters:replayed",
        "dead-letters:letters:read",
        "consent:student:read",
        "roster:people:read",
        "consent:student:changed",
        "roster:courses:changed",
        "roster:people:changed",
    ]
    assert len(search(server, student="p-1", tag="consent")) == 2
    assert [e["detail"] for e in search(server, subject="changed-1")] == ["rows=1"]


def test_each_of_several_people_finds_who_looked_them_up(server: Audited) -> None:
    people = [{"external_id": f"several-{number}", "name": "P"} for number in (1, 2)]
    server.http.put("/v1/roster/people", json=people).raise_for_status()
    server.sender.agree("several-1", "several-2")
    server.http.get("/v1/roster/people", params={"ids": ["several-1", "several-2"]}).raise_for_status()
    for student in ("several-1", "several-2"):
        tags = [entry["tag"] for entry in search(server, student=student)]
        assert tags == ["roster:people:read", "consent:student:changed"]


def granted(server: Audited, person: str) -> list[str]:
    entries = search(server, student=person, tag="roster:person:granted")
    assert {entry["actor"] for entry in entries} <= {"key:local"}
    return [entry["detail"] for entry in reversed(entries)]


def test_who_is_made_a_teacher_by_a_key_is_an_entry_about_them(server: Audited) -> None:
    def put(part: str, **row: Any) -> None:
        server.http.put(f"/v1/roster/{part}", json=[row]).raise_for_status()

    put("courses", course_id="gained-1", instructors=["gains-a", "gains-b"])
    assert (granted(server, "gains-a"), granted(server, "gains-b")) == (["teaches=gained-1"],) * 2
    put("courses", course_id="gained-1", instructors=["gains-a", "gains-c"])
    assert (granted(server, "gains-a"), granted(server, "gains-c")) == (["teaches=gained-1"],) * 2
    put("teaching", course_id="gained-1", external_id="gains-d", ends_on="2020-01-01")
    assert granted(server, "gains-d") == [], "what is over gives nothing"
    for ends_on in ("2090-01-01", "2080-01-01", "2090-01-01"):
        put("teaching", course_id="gained-1", external_id="gains-d", ends_on=ends_on)
    assert granted(server, "gains-d") == ["teaches=gained-1"] * 2, (
        "once at first, once as it became longer again"
    )
    put("organisations", organisation_id="gained")
    for _ in range(2):
        put("teams", team_id="gained-2", organisation_id="gained", managers=["gains-e"], members=["gains-f"])
    assert (granted(server, "gains-e"), granted(server, "gains-f")) == (["leads=gained-2"], [])


def test_reading_the_trail_is_an_entry(server: Audited) -> None:
    search(server, text="a very special word", **{"from": "2026-01-01"})
    # Not the words: they may name somebody, and the trail keeps what it has said.
    assert search(server, tag="audit:trail:read")[0]["detail"] == "text=… start=2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("path", ["/v1/audit", "/v1/audit/verify", "/v1/audit/export"])
def test_only_auditors_may_search(server: Audited, path: str) -> None:
    url = server.server.url + path
    assert httpx.get(url).status_code == 401
    refused = httpx.get(url, headers={"Authorization": "Bearer read-secret"})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def test_a_key_has_no_record_of_its_own(server: Audited) -> None:
    assert server.http.get("/v1/students/me/accesses").status_code == 403
    with closing(browser(server)) as http:
        assert http.get("/privacy/accesses").status_code == 403


@pytest.mark.parametrize(
    "wish", [{"from": "yesterday"}, {"limit": "0"}, {"after": "-1"}, {"to": "0001-01-01"}]
)
def test_a_search_that_makes_no_sense_is_refused_in_one_sentence(
    server: Audited, wish: dict[str, str]
) -> None:
    with auditor(server) as http:
        answer = http.get("/v1/audit", params=wish)
    assert answer.status_code == (200 if "to" in wish else 400)
    assert "to" in wish or answer.json()["sentence"].endswith(".")


def test_pages_of_a_search_follow_each_other(server: Audited) -> None:
    for _ in range(5):
        server.sender.metric("clicks", course="paged")
    with auditor(server) as http:
        first = http.get("/v1/audit", params={"subject": "paged", "limit": 3}).json()
        rest = http.get("/v1/audit", params={"subject": "paged", "limit": 3, "after": first["next"]}).json()
    numbers = [entry["number"] for page in (first, rest) for entry in page["entries"]]
    assert numbers == sorted(numbers, reverse=True)
    assert (len(numbers), rest["next"]) == (5, None)


def test_exports_hold_what_the_search_finds(server: Audited) -> None:
    server.sender.metric("clicks", course="=exported")
    with auditor(server) as http:
        rows = http.get("/v1/audit/export", params={"subject": "=exported"}).raise_for_status().text
        lines = http.get("/v1/audit/export", params={"subject": "=exported", "format": "jsonl"}).text
    found = search(server, subject="=exported")
    assert [int(row["number"]) for row in csv.DictReader(io.StringIO(rows))] == [e["number"] for e in found]
    assert "'=exported" in rows
    assert [json.loads(line)["hash"] for line in lines.splitlines()] == [e["hash"] for e in found]


def test_the_commands_search_export_and_verify(server: Audited, tmp_path: Path) -> None:
    server.sender.metric("clicks", course="by-command")
    found = command(server, "search", "--subject", "by-command", "--json")
    assert [e["tag"] for e in json.loads(found.stdout)["entries"]] == ["metrics:course:read"]
    file = tmp_path / "out.csv"
    assert command(server, "export", str(file), "--subject", "by-command").returncode == 0
    assert file.read_text().count("\n") == 2
    verified = command(server, "verify")
    assert verified.returncode == 0, verified.stderr
    assert "entries hold" in verified.stdout


def test_the_page_shows_searches_and_checks(server: Audited) -> None:
    server.sender.metric("clicks", course="<on-page>")
    with closing(browser(server)) as http:
        page = http.get("/admin/audit", params={"subject": "<on-page>", "verify": "true"})
        empty = http.get("/admin/audit", params={"text": f"nowhere-to-be-found-{'x' * 20}"})
        file = http.get("/admin/audit/export", params={"subject": "<on-page>", "format": "jsonl"})
    assert page.status_code == 200
    assert "&lt;on-page&gt;" in page.text
    assert "The chain is intact" in page.text
    assert "metrics:course:read" in page.text
    assert "No matching entries" in empty.text
    assert len(file.text.splitlines()) == 1


def test_who_it_was_is_said_by_name(server: Audited) -> None:
    server.sender.http.put("/v1/roster/courses", json=[{"course_id": "by-name"}]).raise_for_status()
    with closing(browser(server)) as http:
        http.get("/v1/metrics/clicks", params={"course": "by-name"}).raise_for_status()
        page = http.get("/admin/audit", params={"actor": "admin", "subject": "by-name"}).text
    (entry,) = search(server, actor="admin", subject="by-name")
    assert entry["who"] == "admin"
    assert entry["actor"].startswith("account:")
    assert f'title="{entry["actor"]}">admin</a>' in page
    assert search(server, actor="local", subject="by-name", tag="metrics:course:read") == []
    assert "  admin (admin)  metrics:course:read" in command(server, "search", "--actor", "admin").stdout


def test_the_page_finds_a_student_by_the_id_of_the_platform(server: Audited) -> None:
    server.sender.metric("student_summary", student="on-page-student")
    with closing(browser(server)) as http:
        page = http.get("/admin/audit", params={"student": "on-page-student", "from": "2026-01-01"})
        older = http.get("/admin/audit", params={"student": "on-page-student", "to": "2026-01-01"})
    assert "metrics:student:read" in page.text
    assert 'name="student" value="on-page-student"' in page.text
    assert 'name="from" value="2026-01-01"' in page.text
    assert "No matching entries" in older.text


def test_cards_are_recorded_too(server: Audited) -> None:
    server.sender.http.put("/v1/roster/courses", json=[{"course_id": "card-1"}]).raise_for_status()
    with closing(browser(server)) as http:
        http.get("/cards/course_daily.csv?course=card-1").raise_for_status()
    looks = [entry for entry in search(server, subject="card-1") if entry["tag"].startswith("metrics:")]
    assert {entry["tag"] for entry in looks} == {"metrics:course:export"}


# The last test: afterwards the trail of this server is broken for good.
def test_tampering_is_named_by_the_command(server: Audited) -> None:
    for _ in range(3):
        server.sender.metric("clicks", course="tampered")
    victim = search(server, subject="tampered")[1]["number"]
    with psycopg.connect(owner_dsn(server.data), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE audit_trail SET actor = 'nobody' WHERE number = %s", [victim])
    verified = command(server, "verify")
    assert verified.returncode == 1
    assert f"broken at entry {victim}" in verified.stderr

"""Alerts on a running server: from an event to the answer, and who may see it."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.kit.errors import RequestError
from tests.support.browsing import sign_in
from tests.support.server import Platform, wait_until

PASSWORD = "a password of the tests"
COURSE, QUIZ = "alerts-101", "alerts-quiz"
ANN, BEN = "alerts-ann", "alerts-ben"
TEACHER, OTHER, MANAGER, ADMIN = "alerts-tina", "alerts-olaf", "alerts-mo", "alerts-root"
YESTERDAY = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()


class School(NamedTuple):
    """A course with a teacher, two learners, somebody who leads a team, and a teacher of another course."""

    platform: Platform
    people: dict[str, httpx.Client]

    def ask(self, who: str, path: str, **params: Any) -> Any:
        return self.people[who].get(path, params=params).raise_for_status().json()

    def alerts(self, who: str, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(who, "/v1/alerts", course=COURSE, **params)["alerts"]
        return found

    def post(self, who: str, path: str, body: Any, method: str = "POST") -> httpx.Response:
        # As a page of this server would.
        return self.people[who].request(method, path, json=body, headers={"Sec-Fetch-Site": "same-origin"})


def submit(student: str, seconds_ago: float, *, score: float = 10, quiz: str = QUIZ) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return {
        "event_id": str(uuid4()),
        "event_type": "quiz_submit",
        "timestamp": at.isoformat(),
        "student_id": student,
        "session_id": f"visit of {student}",
        "context": {"course_id": COURSE, "assessment_id": quiz},
        "payload": {"score": score},
    }


def enrol(platform: Platform, student: str, status: str = "active") -> None:
    row = {"course_id": COURSE, "external_id": student, "status": status}
    platform.http.put("/v1/roster/enrolments", json=[row]).raise_for_status()


def teach(platform: Platform, teacher: str, course: str, **days: str) -> None:
    row = {"course_id": course, "external_id": teacher} | days
    platform.http.put("/v1/roster/teaching", json=[row]).raise_for_status()


def share(platform: Platform, student: str, *, granted: bool) -> None:
    now = datetime.now(UTC).isoformat()
    row = {
        "external_id": student,
        "purpose": "employer_sharing",
        "granted": granted,
        "text_version": "1",
        "at": now,
    }
    platform.http.put("/v1/consents", json=[row]).raise_for_status()


def settle_roster(platform: Platform) -> None:
    quiz = {"assessment_id": QUIZ, "title": "Fractions", "kind": "quiz", "pass_mark": 50}
    courses = [
        {"course_id": COURSE, "title": "Algebra", "assessments": [quiz]},
        {"course_id": "alerts-other"},
    ]
    names = {ANN: "Ann Alert", BEN: "Ben Alert", TEACHER: "Tina", OTHER: "Olaf", MANAGER: "Mo"}
    firm = {"organisation_id": "alerts-firm"}
    platform.http.put("/v1/roster/organisations", json=[firm]).raise_for_status()
    people = [{"external_id": key, "name": name, **firm} for key, name in names.items()]
    team = {"team_id": "alerts-team", **firm, "managers": [MANAGER], "members": [ANN, BEN]}
    for part, rows in {"people": people, "courses": courses, "teams": [team]}.items():
        platform.http.put(f"/v1/roster/{part}", json=rows).raise_for_status()
    teach(platform, TEACHER, COURSE)
    teach(platform, OTHER, "alerts-other")
    for student in (ANN, BEN):
        enrol(platform, student)


def open_account(platform: Platform, name: str, role: str) -> httpx.Client:
    account = {"login_name": name, "role": role, "password": PASSWORD}
    person = {} if role == "admin" else {"person": name, "reason": "A person of the tests."}
    platform.http.post("/v1/accounts", json=account | person).raise_for_status()
    return sign_in(platform.server.url, name, PASSWORD)


@pytest.fixture(scope="module")
def school(running_server: Platform) -> Iterator[School]:
    settle_roster(running_server)
    roles = {TEACHER: "instructor", OTHER: "instructor", MANAGER: "manager", ADMIN: "admin", ANN: "student"}
    people = {name: open_account(running_server, name, role) for name, role in roles.items()}
    running_server.agree(ANN, BEN)
    school = School(running_server, people)
    running_server.send(*(submit(student, 60 - n) for student in (ANN, BEN) for n in range(3)))
    wait_until(lambda: len(school.alerts(TEACHER)) == 2)
    yield school
    for http in people.values():
        http.close()


def test_a_third_failed_submit_is_told_with_its_reason_and_evidence(school: School) -> None:
    (ann,) = [each for each in school.alerts(TEACHER) if each["student_name"] == "Ann Alert"]
    assert (ann["rule"], ann["severity"], ann["item"]) == ("failed_submits", "warning", QUIZ)
    assert ann["reason"] == "Ann Alert has failed “Fractions” 3 times in a row."
    assert ann["clears"].startswith("Clears with a pass")
    detail = school.ask(TEACHER, f"/v1/alerts/{ann['id']}")
    assert detail["alert"] == ann
    assert [each["event_id"] for each in detail["events"]] == detail["evidence"]
    assert {(each["event_type"], each["assessment_id"]) for each in detail["events"]} == {
        ("quiz_submit", QUIZ)
    }


def test_an_alert_is_there_as_soon_as_its_event_counts(school: School) -> None:
    """Raised in the pass that serves the event: no job comes by later to look."""
    platform = school.platform

    def is_served() -> bool:
        return bool(platform.http.get("/v1/health").json()["pipeline"]["lag"] == 0)

    for number in range(3):
        quiz = f"alerts-fast-{number}"
        platform.send(*(submit(ANN, 3 - n, quiz=quiz) for n in range(3)))
        wait_until(is_served)
        assert quiz in {each["item"] for each in school.alerts(TEACHER)}
        platform.send(submit(ANN, 0, score=90, quiz=quiz))
        wait_until(is_served)
        assert quiz in {each["item"] for each in school.alerts(TEACHER, state="cleared")}


def test_an_alert_goes_with_an_event_that_is_taken_back(school: School) -> None:
    platform, quiz = school.platform, "alerts-taken-back"
    failed = [submit(ANN, 3 - n, quiz=quiz) for n in range(3)]

    def told(state: str) -> bool:
        return quiz in {each["item"] for each in school.alerts(TEACHER, state=state)}

    platform.send(*failed)
    wait_until(lambda: told("open"))
    platform.http.post("/v1/withdrawals", json=[failed[1]["event_id"]]).raise_for_status()
    assert not told("open")
    assert not told("cleared")
    platform.send(submit(ANN, 0, quiz=quiz))
    wait_until(lambda: told("open"))


def test_students_never_see_alerts_about_themselves(school: School) -> None:
    (alert, *_) = school.alerts(TEACHER, student=ANN)
    assert school.alerts(ANN) == []
    assert school.people[ANN].get(f"/v1/alerts/{alert['id']}").json()["code"] == "unknown_alert"


def test_teachers_of_other_courses_and_administrators_see_nobody(school: School) -> None:
    (alert, *_) = school.alerts(TEACHER, student=ANN)
    for stranger in (OTHER, ADMIN):
        assert school.alerts(stranger) == []
        answer = school.post(stranger, "/v1/alerts/acknowledge", {"ids": [alert["id"]]})
        assert answer.json() == {"changed": 0, "unknown": [alert["id"]]}


def test_a_manager_sees_members_who_share_and_only_what_the_consent_names(school: School) -> None:
    assert school.alerts(MANAGER) == []
    share(school.platform, ANN, granted=True)
    seen = school.alerts(MANAGER)
    assert {(each["student_name"], each["rule"]) for each in seen} == {("Ann Alert", "failed_submits")}
    assert school.ask(MANAGER, f"/v1/alerts/{seen[0]['id']}")["events"] == []
    share(school.platform, ANN, granted=False)
    assert school.alerts(MANAGER) == []


def test_an_enrolment_that_ends_hides_the_alerts_of_the_student_at_once(school: School) -> None:
    assert school.alerts(TEACHER, student=BEN)
    enrol(school.platform, BEN, "ended")
    assert school.alerts(TEACHER, student=BEN) == []
    enrol(school.platform, BEN)
    assert school.alerts(TEACHER, student=BEN)


def test_a_teaching_that_ends_hides_every_alert_of_the_course_at_once(school: School) -> None:
    assert school.alerts(TEACHER)
    teach(school.platform, TEACHER, COURSE, ends_on=YESTERDAY)
    assert school.alerts(TEACHER) == []
    teach(school.platform, TEACHER, COURSE)
    assert school.alerts(TEACHER)


def test_an_acknowledged_alert_is_new_no_more_and_its_student_can_read_who_did_it(school: School) -> None:
    (alert,) = school.alerts(TEACHER, student=BEN)
    answer = school.post(TEACHER, "/v1/alerts/acknowledge", {"ids": [alert["id"], str(uuid4())]})
    assert (answer.json()["changed"], len(answer.json()["unknown"])) == (1, 1)
    assert school.alerts(TEACHER, student=BEN) == []
    (known,) = school.alerts(TEACHER, student=BEN, state="acknowledged")
    assert known["acknowledged_by"].startswith("account:")
    found = school.platform.http.get(
        "/v1/audit", params={"tag": "alerts:student:acknowledge", "student": BEN}
    )
    assert [entry["who"] for entry in found.json()["entries"]] == [TEACHER]


def test_a_snoozed_alert_is_out_of_the_way_until_then(school: School) -> None:
    (alert, *_) = school.alerts(TEACHER, student=ANN)
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert (
        school.post(TEACHER, "/v1/alerts/snooze", {"ids": [alert["id"]], "until": until}).json()["changed"]
        == 1
    )
    assert [each["id"] for each in school.alerts(TEACHER, state="snoozed")] == [alert["id"]]
    assert alert["id"] not in {each["id"] for each in school.alerts(TEACHER)}
    assert school.post(TEACHER, "/v1/alerts/snooze", {"ids": [alert["id"]]}).json()["changed"] == 1
    assert alert["id"] in {each["id"] for each in school.alerts(TEACHER)}
    look = school.ask(ANN, "/v1/students/me/accesses")["accesses"]
    assert "Put an alert about you aside for a while" in {what for each in look for what in each["what"]}


@pytest.mark.parametrize("until", ["2020-01-01T00:00:00Z", "2199-01-01T00:00:00Z"])
def test_a_snooze_ends_in_the_next_90_days(school: School, until: str) -> None:
    answer = school.post(TEACHER, "/v1/alerts/snooze", {"ids": [str(uuid4())], "until": until})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_snooze")


def test_a_key_reads_alerts_and_handles_none(school: School) -> None:
    http = school.platform.http
    (alert, *_) = http.get("/v1/alerts", params={"course": COURSE, "student": ANN}).json()["alerts"]
    assert alert["student_name"] == "Ann Alert"
    refused = http.post("/v1/alerts/acknowledge", json={"ids": [alert["id"]]})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_pages_follow_each_other_without_gap_or_repetition(school: School) -> None:
    whole = [each["id"] for each in school.alerts(TEACHER, state="all")]
    seen: list[str] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        params = {"course": COURSE, "state": "all", "limit": 1, "after": page["next"]}
        page = school.ask(TEACHER, "/v1/alerts", **params)
        seen += [each["id"] for each in page["alerts"]]
    assert seen == whole
    assert len(seen) > 2


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/v1/alerts", {"rule": "nonsense"}, "unknown_rule"),
        ("/v1/alerts", {"after": "nonsense"}, "invalid_request"),
        ("/v1/alerts/00000000-0000-0000-0000-000000000000", {}, "unknown_alert"),
        ("/v1/alert-rules/nonsense/trial", {"since": "2026-01-01"}, "unknown_rule"),
        ("/v1/alert-rules/failed_submits/trial", {"since": "tomorrow"}, "invalid_date"),
        ("/v1/alert-rules/failed_submits/trial", {"since": "2999-01-01"}, "invalid_date"),
    ],
)
def test_errors_have_stable_codes(school: School, path: str, params: dict[str, str], code: str) -> None:
    assert school.platform.http.get(path, params=params).json()["code"] == code


def change(
    school: School, who: str, values: dict[str, Any], course: str = COURSE, rule: str = "failed_submits"
) -> Any:
    body = {"course": course, "rule": rule, "values": values}
    return school.post(who, "/v1/alert-thresholds", body, "PUT").json()


def test_thresholds_of_a_course_hold_at_once_and_are_in_the_trail(school: School) -> None:
    quiz = "alerts-two"
    school.platform.send(submit(ANN, 3, quiz=quiz), submit(ANN, 2, quiz=quiz))
    school.platform.settle()
    assert quiz not in {each["item"] for each in school.alerts(TEACHER)}
    changed = change(school, TEACHER, {"submits": 2})
    submits = changed["thresholds"][0]
    assert (submits["name"], submits["value"], submits["usual"], submits["own"]) == ("submits", 2, 3, True)
    assert quiz in {each["item"] for each in school.alerts(TEACHER)}
    assert change(school, TEACHER, {"submits": None})["thresholds"][0]["own"] is False
    assert quiz not in {each["item"] for each in school.alerts(TEACHER)}
    found = school.platform.http.get(
        "/v1/audit", params={"tag": "alerts:course:changed", "subject": COURSE}
    ).json()
    assert [entry["detail"] for entry in found["entries"]] == [
        "failed_submits submits=usual",
        "failed_submits submits=2",
    ]


def test_thresholds_stay_within_their_bounds(school: School) -> None:
    assert change(school, TEACHER, {"submits": 1})["code"] == "threshold_out_of_bounds"
    assert change(school, TEACHER, {"submits": 21})["code"] == "threshold_out_of_bounds"
    assert change(school, TEACHER, {"nonsense": 2})["code"] == "unknown_threshold"
    assert change(school, TEACHER, {"submits": 2}, rule="nonsense")["code"] == "unknown_rule"
    assert change(school, TEACHER, {})["code"] == "unknown_threshold"


def test_half_a_submit_is_no_threshold_but_half_a_factor_is(school: School) -> None:
    refused = change(school, TEACHER, {"submits": 3.5})
    assert refused["code"] == "threshold_out_of_bounds"
    assert refused["sentence"] == "submits must be a whole number between 2 and 20 times."
    assert change(school, TEACHER, {"gaps": 2.5}, rule="inactive")["thresholds"][1]["value"] == 2.5
    assert change(school, TEACHER, {"gaps": None}, rule="inactive")["thresholds"][1]["own"] is False


def test_the_numbers_of_the_platform_are_no_numbers_of_a_course(school: School) -> None:
    about = {
        course: {each["about"] for each in school.ask(ADMIN, "/v1/alert-thresholds", course=course)["rules"]}
        for course in (COURSE, "")
    }
    assert about == {COURSE: {"learner", "course"}, "": {"platform"}}
    page = school.people[TEACHER].get(f"/courses/{COURSE}/alert-thresholds").text
    assert "Numbers are behind" not in page
    assert "Usually 1 hour;" in page
    assert "5 to 1,000 learners" in page
    waiting = {"waiting": 90}
    assert change(school, ADMIN, waiting, rule="pipeline_behind")["code"] == "not_of_a_course"
    assert change(school, ADMIN, {"submits": 4}, course="")["code"] == "of_a_course"
    assert change(school, TEACHER, waiting, course="", rule="pipeline_behind")["code"] == "forbidden"
    (number,) = change(school, ADMIN, waiting, course="", rule="pipeline_behind")["thresholds"]
    assert number["value"] == 90
    change(school, ADMIN, {"waiting": None}, course="", rule="pipeline_behind")


def test_only_instructors_of_the_course_and_administrators_set_thresholds(school: School) -> None:
    for stranger in (OTHER, MANAGER, ANN):
        assert change(school, stranger, {"submits": 2})["code"] == "forbidden"
    assert change(school, ADMIN, {"submits": 5})["thresholds"][0]["value"] == 5
    assert change(school, ADMIN, {"submits": None})["thresholds"][0]["value"] == 3
    misspelt = f"{COURSE}-misspelt"
    assert change(school, ADMIN, {"submits": 5}, course=misspelt)["code"] == "unknown_course"
    assert change(school, TEACHER, {"submits": 5}, course=misspelt)["code"] == "forbidden"
    assert school.people[ADMIN].get(f"/courses/{misspelt}/alert-thresholds").status_code == 404


def test_trying_a_rule_says_how_often_it_would_have_fired_and_been_right(school: School) -> None:
    http = school.platform.http
    start = datetime.now(UTC) - timedelta(minutes=10)
    trial = http.get("/v1/alert-rules/failed_submits/trial", params={"since": start.isoformat()}).json()
    ours = [each for each in trial["alerts"] if each["course"] == COURSE]
    assert {each["item"] for each in ours} >= {QUIZ, "alerts-fast-0"}
    assert {each["right"] for each in ours if each["item"].startswith("alerts-fast")} == {False}
    assert {each["right"] for each in ours if each["item"] == QUIZ} == {None}
    assert trial["fired"] == trial["right"] + trial["wrong"] + trial["undecided"]
    ways = {
        name: try_it(school, name, start)["replayed"] for name in ("inactive", "struggling", "store_down")
    }
    assert ways == {"inactive": True, "struggling": True, "store_down": False}
    refused = school.people[ADMIN].get(
        "/v1/alert-rules/failed_submits/trial", params={"since": start.isoformat()}
    )
    assert refused.json()["code"] == "forbidden"


def command(school: School, *words: str) -> str:
    done = CliRunner().invoke(
        app, ["alerts", *words, "--data", str(school.platform.data)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_commands_list_explain_and_try(school: School) -> None:
    listed = json.loads(
        command(school, "list", "--course", COURSE, "--state", "all", "--student", BEN, "--json")
    )
    (alert,) = listed["alerts"]
    assert alert["id"] in command(school, "list", "--course", COURSE, "--state", "all", "--student", BEN)
    told = command(school, "explain", alert["id"])
    assert "Ben Alert has failed “Fractions” 3 times in a row." in told
    assert told.count("quiz_submit") == 3
    assert json.loads(command(school, "explain", alert["id"], "--json"))["alert"]["id"] == alert["id"]
    today = datetime.now(UTC).date().isoformat()
    tried = command(school, "test-rule", "failed_submits", "--since", today)
    assert "alerts about" in tried
    assert "events replayed" in tried
    assert json.loads(command(school, "test-rule", "failed_submits", "--since", today, "--json"))["fired"] > 1


def test_the_commands_tell_snoozed_alerts_and_refuse_what_is_no_id(school: School) -> None:
    quiz = "alerts-snoozed"
    school.platform.send(*(submit(ANN, seconds, quiz=quiz) for seconds in (3, 2, 1)))
    school.platform.settle()
    (alert,) = (each for each in school.alerts(TEACHER) if each["item"] == quiz)
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    school.post(TEACHER, "/v1/alerts/snooze", {"ids": [alert["id"]], "until": until}).raise_for_status()
    assert "snoozed until" in command(school, "explain", alert["id"])
    school.post(TEACHER, "/v1/alerts/snooze", {"ids": [alert["id"]]}).raise_for_status()
    assert "snoozed until" not in command(school, "explain", alert["id"])
    wrong = CliRunner().invoke(app, ["alerts", "explain", "../metrics"])
    assert (wrong.exit_code, "Invalid value" in wrong.output) == (2, True)
    with pytest.raises(RequestError, match="at least 1"):
        command(school, "list", "--limit", "0")


def test_the_page_of_thresholds_saves_what_is_typed(school: School) -> None:
    path, http = f"/courses/{COURSE}/alert-thresholds", school.people[TEACHER]
    shown = http.get(path).raise_for_status().text
    assert "Failed several times" in shown
    assert "Usually 3 times" in shown
    assert "submits=4" in fill_in(school, {"rule": "failed_submits", "submits": "4", "within": ""})
    too_few = fill_in(school, {"rule": "failed_submits", "submits": "1"})
    assert "must be a whole number between 2 and 20 times" in too_few
    assert "is not a number" in fill_in(school, {"rule": "failed_submits", "submits": "many"})
    fill_in(school, {"rule": "failed_submits"})
    assert change(school, TEACHER, {"within": None})["thresholds"][0]["own"] is False
    assert school.people[OTHER].get(path).status_code == 403
    assert school.people[ANN].get(path).status_code == 403


def fill_in(school: School, fields: dict[str, str]) -> str:
    """What the page says, and what the course has set by then."""
    path, http = f"/courses/{COURSE}/alert-thresholds", school.people[TEACHER]
    token = re.search(r'name="form_token" value="([^"]+)"', http.get(path).text)
    assert token
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = http.post(path, data={**fields, "form_token": token[1]}, headers=headers)
    (rule,) = [
        each
        for each in school.ask(TEACHER, "/v1/alert-thresholds", course=COURSE)["rules"]
        if each["name"] == "failed_submits"
    ]
    return unescape(answer.text) + " ".join(
        f"{each['name']}={each['value']:g}" for each in rule["thresholds"]
    )


def test_the_archive_of_a_student_has_the_alerts(school: School) -> None:
    http = school.platform.http
    asked = http.post("/v1/privacy/exports", json={"student": BEN}).raise_for_status().json()["request_id"]
    wait_until(lambda: http.get(f"/v1/privacy/requests/{asked}").json()["state"] == "done")
    archive = zipfile.ZipFile(
        BytesIO(http.get(f"/v1/privacy/exports/{asked}/archive").raise_for_status().content)
    )
    (alert,) = json.loads(archive.read("alerts.json"))
    assert (alert["rule"], alert["item"], alert["course_id"]) == ("failed_submits", QUIZ, COURSE)


def try_it(school: School, name: str, since: datetime) -> dict[str, Any]:
    params = {"since": since.isoformat()}
    answer = school.platform.http.get(f"/v1/alert-rules/{name}/trial", params=params).raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def test_a_withdrawn_consent_removes_the_alerts_about_the_student(school: School) -> None:
    student, platform = "alerts-cy", school.platform
    enrol(platform, student)
    platform.agree(student)
    platform.send(*(submit(student, 9 - n) for n in range(3)))
    wait_until(lambda: len(school.alerts(TEACHER, student=student)) == 1)
    row = {"external_id": student, "purpose": "analytics", "granted": False, "text_version": "1"}
    platform.http.put("/v1/consents", json=[row | {"at": datetime.now(UTC).isoformat()}]).raise_for_status()
    wait_until(lambda: school.alerts(TEACHER, student=student, state="all") == [])
    platform.send(*(submit(student, 1) for _ in range(3)))
    platform.settle()
    assert school.alerts(TEACHER, student=student, state="all") == []


def test_an_erasure_removes_and_counts_the_alerts(school: School) -> None:
    student, platform = "alerts-dee", school.platform
    enrol(platform, student)
    platform.agree(student)
    platform.send(*(submit(student, 9 - n) for n in range(3)))
    wait_until(lambda: len(school.alerts(TEACHER, student=student)) == 1)
    platform.http.post("/v1/privacy/erasures", json={"student": student, "mode": "delete"}).raise_for_status()

    def receipt() -> list[dict[str, Any]]:
        done = platform.http.get("/v1/privacy/requests").json()
        lines: list[dict[str, Any]] = done[0]["receipt"] if done else []
        return lines

    wait_until(lambda: any(line["store"] == "PostgreSQL alerts" for line in receipt()))
    assert [line["rows"] for line in receipt() if line["store"] == "PostgreSQL alerts"] == [1]
    assert school.alerts(TEACHER, student=student, state="all") == []
    # The session, its video, the attempt at the quiz and the streak, and what was said of them.
    wait_until(lambda: any(line["store"] == "PostgreSQL enrolments" for line in receipt()))
    (keys,) = (line["rows"] for line in receipt() if line["store"] == "stream processors")
    assert keys >= 4

"""Open pages are told at once what has changed of what they show, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.support.browsing import sign_in, token_of
from tests.support.live import open_page
from tests.support.pages import COURSE, LEARNER, PASSWORD, Pages, pseudonym_of, study
from tests.support.server import platform

HERE, OTHER = f"course:{COURSE}", "course:live-other"


def learn(pages: Pages, course: str = COURSE, student: str = LEARNER) -> None:
    """A student does something in a course, in a session of its own: the numbers of a session are renewed together."""
    event = study(student, 3, course)[1] | {"event_id": f"live-{uuid4()}", "session_id": f"live {course}"}
    pages.sender.send(event)


@pytest.fixture(autouse=True)
def quiet(pages: Pages) -> None:
    """Nothing of the test before is still on its way."""
    pages.sender.settle()


@pytest.fixture(scope="module")
def teacher(pages: Pages) -> Iterator[httpx.Client]:
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        yield http


@pytest.fixture(scope="module")
def learner(pages: Pages) -> Iterator[httpx.Client]:
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        yield http


def test_a_page_is_told_of_its_course_within_a_second_or_two(pages: Pages, teacher: httpx.Client) -> None:
    with open_page(teacher, HERE) as page:
        first = page.next()
        assert (first.event, first.news["first"], first.news["changed"]) == ("changed", True, [])
        learn(pages)
        told = page.news()
        assert (told.news["first"], set(told.news["changed"]) - {"alerts"}) == (False, {HERE})
        assert told.news["latest_data_at"] <= told.news["now"]
        assert told.mark > first.mark


def test_a_page_of_one_course_is_not_told_of_another(pages: Pages) -> None:
    with open_page(pages.admin, HERE) as here, open_page(pages.admin, OTHER, HERE) as both:
        here.next(), both.next()
        learn(pages, "live-other")
        assert both.changed() == {"course:live-other"}
        learn(pages)
        assert both.changed() == {HERE}
        assert here.changed() == {HERE}


def test_a_student_is_told_of_their_own_record_and_of_no_other(pages: Pages, learner: httpx.Client) -> None:
    own = f"student:{pseudonym_of(pages.sender, LEARNER)}"
    with open_page(learner, own, f"learner:{own[8:]}:{COURSE}") as page:
        page.next()
        learn(pages, student="pages-student-8")
        learn(pages, "live-other")
        assert page.changed() == {own}
        learn(pages)
        assert {own, f"learner:{own[8:]}:{COURSE}"} <= page.changed() | page.changed()


@pytest.mark.parametrize(
    "watched", [HERE, OTHER, "platform", "team:sales", "student:{}", "learner:{}:" + COURSE]
)
def test_what_a_student_may_not_see_cannot_be_watched(
    pages: Pages, learner: httpx.Client, watched: str
) -> None:
    other = pages.pseudonym(9)
    answer = learner.get("/live/changes", params={"watch": watched.format(other)})
    assert answer.status_code == 403
    search = {"tag": "live:changes:refused"} | ({"student": other} if "{}" in watched else {})
    entries = pages.sender.http.get("/v1/audit", params=search).json()["entries"]
    about = watched.partition(":")[2] or watched
    assert "{}" in watched or entries[0]["subject"] == about
    assert entries[0]["detail"].startswith("reason=")


def test_a_teacher_is_told_of_all_their_courses_at_once(pages: Pages, teacher: httpx.Client) -> None:
    with open_page(teacher, "own") as page:
        page.next()
        learn(pages, "live-other")
        learn(pages)
        assert page.changed() == {"own"}


@pytest.mark.parametrize("role", ["manager", "auditor"])
def test_who_teaches_and_leads_nothing_has_nothing_to_watch(pages: Pages, role: str) -> None:
    with closing(sign_in(pages.url, role, PASSWORD)) as http:
        assert http.get("/live/changes", params={"watch": "own"}).status_code == 403


@pytest.mark.parametrize("watched", [OTHER, "platform", "student:{}", "learner:{}:live-other"])
def test_what_a_teacher_may_not_see_cannot_be_watched(
    pages: Pages, teacher: httpx.Client, watched: str
) -> None:
    answer = teacher.get("/live/changes", params={"watch": watched.format(pages.pseudonym(9))})
    assert answer.status_code == 403


def test_what_there_is_not_cannot_be_watched(pages: Pages) -> None:
    for watched in ("", "planet:mars", "student:nobody"):
        assert pages.admin.get("/live/changes", params={"watch": watched}).status_code == 404


@pytest.mark.parametrize("by_header", [True, False])
def test_what_was_missed_comes_again(pages: Pages, by_header: bool) -> None:
    with open_page(pages.admin, HERE, OTHER) as page:
        mark = page.next().mark
    learn(pages, "live-other")
    pages.sender.settle()
    again = {"headers": [("Last-Event-ID", mark)]} if by_header else {"after": mark}
    with open_page(pages.admin, HERE, OTHER, **again) as page:
        told = page.next()
        assert (set(told.news["changed"]) - {"alerts"}, told.news["first"]) == ({OTHER}, True)
    with open_page(pages.admin, HERE, OTHER, after=told.mark) as page:
        assert set(page.next().news["changed"]) <= {"alerts"}


def test_who_was_away_for_too_long_is_told_that_everything_may_have_changed(pages: Pages) -> None:
    for mark in ("0badcafe-1", "nonsense", "-", "1" * 400):
        with open_page(pages.admin, HERE, after=mark) as page:
            assert page.next().news["changed"] == ["*"]


def test_nothing_is_told_more_than_once_a_second(pages: Pages) -> None:
    with open_page(pages.admin, HERE) as page:
        page.next()
        began = time.monotonic()
        while time.monotonic() < began + 4:
            learn(pages)
            time.sleep(0.05)
        told = [each for each in page.all_within(2) if each.event == "changed"]
        passed = time.monotonic() - began
    # Not the pauses between them: on a busy machine two may arrive together.
    assert 2 <= len(told) <= passed + 1


def test_a_stream_ends_soon_after_its_session(pages: Pages) -> None:
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http, open_page(http, HERE) as page:
        page.next()
        form = {"form_token": token_of(http.get("/definitions").text)}
        assert http.post("/sign-out", data=form).status_code == 303
        assert page.ends_within(8)
        assert http.get("/live/changes", headers={"Accept": "application/json"}).status_code == 401


def test_a_stream_ends_soon_after_its_key(pages: Pages) -> None:
    made = pages.sender.http.post("/v1/keys", json={"name": f"live-{uuid4()}", "scopes": ["read"]}).json()
    headers = {"Authorization": f"Bearer {made['secret']}"}
    with httpx.Client(base_url=pages.url, headers=headers) as program, open_page(program, HERE) as page:
        page.next()
        pages.sender.http.delete(f"/v1/keys/{made['name']}").raise_for_status()
        assert page.ends_within(8)
        assert program.get("/live/changes").status_code == 403


@pytest.mark.long
def test_after_a_restart_pages_are_told_that_everything_may_have_changed(tmp_path: Path) -> None:
    with ExitStack() as tabs:
        with platform(tmp_path) as sender:
            http = tabs.enter_context(
                httpx.Client(base_url=sender.http.base_url, headers=sender.http.headers)
            )
            page = tabs.enter_context(open_page(http, "platform"))
            mark = page.next().mark
        # The server waits 5 seconds for answers that are under way; for those that never end it need not.
        assert page.ends_within(1)
    with platform(tmp_path) as sender, open_page(sender.http, "platform", after=mark) as page:
        assert page.next().news["changed"] == ["*"]


def test_the_pulse_says_what_is_taken_in_at_this_moment(pages: Pages) -> None:
    learn(pages)
    pages.sender.settle()
    (now,) = pages.sender.metric("pulse")
    assert now["events_per_second"] >= 0.1
    assert now["waiting"] == 0
    assert 0 <= now["delay"] < 30
    minutes = pages.sender.metric("pulse_minutes")
    assert 1 <= len(minutes) <= 61
    assert sum(each["events"] for each in minutes) > 200
    assert "Events per second" in pages.get("/cards/platform_pulse").text

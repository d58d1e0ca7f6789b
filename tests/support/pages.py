"""A small course on a running server, for tests that look at pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest

from coursepulse.privacy.pseudonyms import Pseudonyms
from tests.support.browsing import sign_in
from tests.support.server import Platform, platform, wait_until

COURSE = "pages-101"
PASSWORD = "a password of the tests"

#: A platform that shows dashboards in frames; nothing listens there until a test does.
ELSEWHERE = "http://localhost:18743"
#: Where the course of these pages is taken.
LEARN = "https://learn.example.org/pages-101"
LESSONS = ("l1", "l2", "l3")
STUDENTS = tuple(f"pages-student-{number}" for number in range(30))
TEACHER, LEARNER = "pages-teacher", STUDENTS[3]


class Pages(NamedTuple):
    """The server, and the address of one page of each kind."""

    sender: Platform
    admin: httpx.Client
    url: str
    course: str
    video: str
    student: str

    def get(self, path: str, **headers: str) -> httpx.Response:
        """A page as the browser of an administrator asks for it."""
        return self.admin.get(path, headers={"Accept": "text/html"} | headers)

    def pseudonym(self, number: int) -> str:
        """One of :data:`STUDENTS`. A test that opens a record, or needs one that nobody has opened, has its own."""
        return pseudonym_of(self.sender, STUDENTS[number])

    @property
    def all(self) -> tuple[str, ...]:
        """Every kind of page."""
        return ("/", self.course, self.video, self.student, "/admin/quality", "/definitions")


def pseudonym_of(sender: Platform, external_id: str) -> str:
    """The student as the addresses of pages have it."""
    secret = (sender.data / "pseudonym.key").read_bytes()
    return str(UUID(bytes=Pseudonyms(secret).of(external_id)))


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The demo's pages over thirty students of one course."""
    with platform(
        tmp_path_factory.mktemp("pages"),
        demo=True,
        demo_password=PASSWORD,
        embed_origins=ELSEWHERE,
        randomise_messages="on",
    ) as sender:
        _teach(sender)
        sender.send(*(event for number, student in enumerate(STUDENTS) for event in study(student, number)))
        sender.settle()
        wait_until(lambda: len(sender.metric("course_students", course=COURSE)) == len(STUDENTS))
        course = f"/courses/{COURSE}"
        with closing(sign_in(sender.server.url, "admin", PASSWORD)) as admin:
            url = sender.server.url
            yield Pages(
                sender,
                admin,
                url,
                course,
                f"{course}/videos/v1",
                f"/students/{pseudonym_of(sender, STUDENTS[0])}",
            )


def study(student: str, number: int, course: str = COURSE) -> list[dict[str, Any]]:
    """An hour of one student yesterday: the higher the number, the less of it."""
    begin = datetime.now(UTC) - timedelta(days=1, minutes=number)
    seen = 300 - 8 * number
    steps: list[tuple[int, str, dict[str, Any]]] = [
        (0, "course_enroll", {}),
        (10, "lesson_start", {}),
        (20, "video_play", {"current_time": 0, "video_duration": 300}),
        (20 + seen, "video_pause", {"current_time": seen, "video_duration": 300}),
        (400, "lesson_complete", {}),
        (420, "quiz_start", {}),
        (430, "quiz_answer", {"question_id": "q1-a", "is_correct": number % 3 > 0}),
        (440, "quiz_submit", {"score": 100 - 3 * number}),
    ]
    return [_event(student, course, begin, *step) for step in steps]


def _event(
    student: str, course: str, begin: datetime, after: int, kind: str, payload: dict[str, Any]
) -> dict[str, Any]:
    return {
        "event_id": f"{student}-{kind}-{after}",
        "event_type": kind,
        "timestamp": (begin + timedelta(seconds=after)).isoformat(),
        "student_id": student,
        "session_id": f"{student}-1",
        "context": {"course_id": course, "lesson_id": "l1", "video_id": "v1", "assessment_id": "q1"},
        "payload": payload,
    }


def _teach(sender: Platform) -> None:
    course = {
        "course_id": COURSE,
        "title": "Pages & <tests>",
        "starts_on": (datetime.now(UTC) - timedelta(days=30)).date().isoformat(),
        "url": f"{LEARN}/course",
        "lessons": [
            {"lesson_id": lesson, "title": f"Lesson {lesson}", "url": f"{LEARN}/{lesson}"}
            for lesson in LESSONS
        ],
        "videos": [{"video_id": "v1", "lesson_id": "l1", "title": "First video", "duration_s": 300}],
        "instructors": [TEACHER],
        "assessments": [{"assessment_id": "q1", "title": "First quiz", "kind": "quiz"}],
    }
    people = [
        {"external_id": TEACHER, "name": "Ada Teacher"},
        {"external_id": LEARNER, "name": "Lea Learner"},
    ]
    sender.http.put("/v1/roster/people", json=people).raise_for_status()
    sender.http.put("/v1/roster/courses", json=[course]).raise_for_status()
    for name, person in (("instructor", TEACHER), ("student", LEARNER)):
        sender.http.patch(
            f"/v1/accounts/{name}", json={"person": person, "reason": "The learner of these tests."}
        ).raise_for_status()
    sender.agree(*STUDENTS)

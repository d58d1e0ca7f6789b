"""Skills are called as people know them, on the pages of those who teach and of those who learn."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.support.browsing import sign_in
from tests.support.pages import COURSE, LEARNER, PASSWORD, STUDENTS, Pages

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("account", "card"),
    [
        ("instructor", f"course_mastery?course={COURSE}"),
        ("instructor", f"course_learner_mastery?course={COURSE}&sort=skill"),
        ("student", "student_mastery?student={learner}"),
    ],
)
def test_a_quiz_without_a_skill_stands_for_one_by_its_title(pages: Pages, account: str, card: str) -> None:
    name, _, question = card.format(learner=pages.pseudonym(STUDENTS.index(LEARNER))).partition("?")
    with closing(sign_in(pages.url, account, PASSWORD)) as reader:
        html = reader.get(f"/cards/{name}?{question}").text
        told = reader.get(f"/cards/{name}.json?{question}").json()["rows"]
    assert "First quiz" in html
    assert ">q1<" not in html
    assert {row["skill"]: row["skill_name"] for row in told} == {"q1": "First quiz"}


def test_the_lessons_of_a_student_stand_beside_their_courses(pages: Pages) -> None:
    with closing(sign_in(pages.url, "student", PASSWORD)) as student:
        about = {"student": pages.pseudonym(STUDENTS.index(LEARNER))}
        html = student.get("/cards/student_lesson_times", params=about).text
    assert "Pages &amp; &lt;tests&gt;" in html


def test_a_page_about_oneself_does_not_begin_with_small_groups(pages: Pages) -> None:
    with closing(sign_in(pages.url, "student", PASSWORD)) as student:
        assert 'id="small-groups"' not in student.get("/").text

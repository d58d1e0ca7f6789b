"""What those who teach see of predictions, what they may say of them, and that students see nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from html import unescape
from uuid import UUID

import httpx
import pytest

from coursepulse.insight.models_kept import KeptModel, ModelsKept
from coursepulse.insight.predictions import KnownEnd, Prediction, Predictions
from coursepulse.kit.clock import DAY, to_micros
from coursepulse.kit.ids import to_bytes
from coursepulse.store.postgres.connect import Pool, open_pool
from tests.support.browsing import sign_in, token_of
from tests.support.pages import COURSE, PASSWORD, STUDENTS, Pages
from tests.support.postgres import owner_dsn
from tests.support.server import wait_until

NUMBER = 17
SHARES = [["silent_gaps", 6.0, 1.2], ["missed_share", 0.5, 0.4], ["earned", 0.75, -0.3]]
REASONS = {"shares": SHARES, "rest": 0.1, "base": -1.0, "known": 0.9}


@pytest.fixture(scope="module")
def pool(pages: Pages) -> Iterator[Pool]:
    with open_pool(owner_dsn(pages.sender.data), 2) as pool:
        yield pool


@pytest.fixture(scope="module")
def student(pages: Pages, pool: Pool) -> str:
    """Somebody of whom a model speaks, and twelve whose end is known."""
    who = pages.pseudonym(NUMBER)
    now = to_micros(datetime.now(UTC))
    kept, predictions = ModelsKept(pool), Predictions(pool)
    kept.note(KeptModel("screen-1", now, date(2026, 1, 1), True, "", {}), [UUID(who).bytes])
    kept.crown("screen-1", now)
    predictions.put("screen-1", [Prediction(COURSE, UUID(who).bytes, 0.2, b"then", REASONS)], now - 8 * DAY)
    predictions.put("screen-1", [Prediction(COURSE, UUID(who).bytes, 0.62, b"now", REASONS)], now - 1)
    gone = [to_bytes(f"gone {nth}", "student") for nth in range(12)]
    predictions.put("screen-1", [Prediction(COURSE, each, 0.7, b"", REASONS) for each in gone], now - 9 * DAY)
    today = datetime.now(UTC).date()
    ends = [KnownEnd(each, nth < 9, today - timedelta(days=1)) for nth, each in enumerate(gone)]
    predictions.note_ends(COURSE, ends)
    return who


@pytest.fixture(scope="module")
def teacher(pages: Pages, student: str) -> Iterator[httpx.Client]:
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        # The class is known to the database a moment after its events.
        about = {"course": COURSE, "student": student}
        wait_until(lambda: http.get("/cards/learner_prediction.json", params=about).json()["rows"] != [])
        yield http


def page_of(http: httpx.Client, student: str) -> str:
    return unescape(http.get(f"/courses/{COURSE}/students/{student}").raise_for_status().text)


def test_a_teacher_sees_number_words_reasons_and_trend(teacher: httpx.Client, student: str) -> None:
    html = page_of(teacher, student).replace("\xa0", " ")
    assert "High risk" in html
    assert "62 %: so likely it is" in html
    assert "A week before it was 20 %." in html
    assert "Has been silent for 6 times the usual gap." in html
    assert "Has earned 75 % of the points so far." in html
    assert "It would fall most if this changed: Has been silent" in html


def test_the_metric_has_exact_shares(pages: Pages, student: str) -> None:
    del student
    [row] = pages.sender.metric("student_prediction", student=STUDENTS[NUMBER], course=COURSE)
    assert [row["probability_pct"], row["before_pct"], row["base"], row["rest"]] == [62, 20, -1, 0.1]
    assert row["shares"] == SHARES


def test_how_predictions_came_out_is_told_of_ten_or_more(pages: Pages, student: str) -> None:
    del student
    rows = pages.sender.metric("course_track_record", course=COURSE)
    assert rows == [{"from_pct": 60, "to_pct": 80, "learners": 12, "predicted_pct": 70, "came_true_pct": 75}]


def test_a_teacher_says_that_it_is_wrong_and_why(teacher: httpx.Client, student: str, pool: Pool) -> None:
    html = page_of(teacher, student)
    form = {"form_token": token_of(html), "student": student, "verdict": "wrong", "because": "was ill"}
    said = teacher.post(f"/courses/{COURSE}/predictions", data=form)
    assert said.status_code == 303
    assert "Last said of it: Wrong" in page_of(teacher, student)
    with pool.connection() as connection:
        told = connection.execute("SELECT verdict, because, model FROM risk_verdicts").fetchall()
        trail = connection.execute(
            "SELECT tag, detail FROM audit_trail WHERE tag LIKE 'insight:student:%'"
        ).fetchall()
    assert told == [("wrong", "was ill", "screen-1")]
    assert trail == [("insight:student:verdict", f"course={COURSE} verdict=wrong")]


def test_nobody_judges_somebody_of_another_course(teacher: httpx.Client, pages: Pages, student: str) -> None:
    form = {"form_token": token_of(page_of(teacher, student)), "student": student, "verdict": "confirmed"}
    assert teacher.post("/courses/elsewhere/predictions", data=form).status_code == 403
    other = form | {"student": pages.pseudonym(NUMBER + 1)}
    assert teacher.post(f"/courses/{COURSE}/predictions", data=other).status_code == 403


def test_students_see_no_probability_of_their_own(pages: Pages, student: str, pool: Pool) -> None:
    del student
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        own = UUID(pages.pseudonym(3)).bytes
        Predictions(pool).put(
            "screen-1", [Prediction(COURSE, own, 0.9, b"", REASONS)], to_micros(datetime.now(UTC))
        )
        for address in (f"/courses/{COURSE}/students/{pages.pseudonym(3)}", f"/courses/{COURSE}", "/"):
            assert "High risk" not in http.get(address, follow_redirects=True).text
        refused = http.get(
            "/cards/learner_prediction.json", params={"course": COURSE, "student": str(UUID(bytes=own))}
        )
        assert refused.status_code in (403, 404)

"""Facts from OULAD: what its description says of the real files, and oddities on small ones."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from coursepulse.insight.facts import StudyFacts
from coursepulse.insight.protocols.oulad import NoOulad, read_oulad

REAL = Path(__file__).resolve().parents[3] / "shared/data/oulad"

needs_oulad = pytest.mark.skipif(not REAL.is_dir(), reason="OULAD is not on this machine")

#: Students who have not unregistered after so many days, by intake.
STILL_THERE = {
    "2013B": (4684, {0: 4398, 28: 4126, 56: 3965, 112: 3709, 168: 3509, 224: 3348}),
    "2013J": (8845, {0: 7903, 28: 7683, 56: 7465, 112: 7068, 168: 6735, 224: 6535}),
    "2014B": (7804, {0: 6832, 28: 6513, 56: 6213, 112: 5836, 168: 5515, 224: 5234}),
}

SMALL = {
    "courses": "code_module,code_presentation,module_presentation_length\nAAA,2013J,268\n",
    "assessments": (
        "code_module,code_presentation,id_assessment,assessment_type,date,weight\n"
        "AAA,2013J,1,TMA,19,10\nAAA,2013J,2,Exam,?,100\n"
    ),
    "vle": "id_site,code_module,code_presentation,activity_type,week_from,week_to\n9,AAA,2013J,forumng,?,?\n",
    "studentInfo": (
        "code_module,code_presentation,id_student,gender,region,highest_education,imd_band,age_band,"
        "num_of_prev_attempts,studied_credits,disability,final_result\n"
        "AAA,2013J,11,M,Wales,HE,?,0-35,0,60,N,Withdrawn\n"
        "AAA,2013J,12,F,Wales,HE,?,0-35,1.0,60,N,Fail\n"
    ),
    "studentRegistration": (
        "code_module,code_presentation,id_student,date_registration,date_unregistration\n"
        "AAA,2013J,11,-20,?\nAAA,2013J,12,,30\n"
    ),
    "studentAssessment": (
        "id_assessment,id_student,date_submitted,is_banked,score\n1,11,18.0,0,?\n2,11,?,1,55\n"
    ),
    "studentVle": (
        "code_module,code_presentation,id_student,id_site,date,sum_click\n"
        "AAA,2013J,11,9,3,4\nAAA,2013J,11,9,3,1\nAAA,2013J,11,8,3,2\n"
    ),
}


@cache
def real() -> StudyFacts:
    return read_oulad(REAL)


@pytest.fixture
def small(tmp_path: Path) -> StudyFacts:
    for table, text in SMALL.items():
        (tmp_path / f"{table}.csv").write_text(text)
    return read_oulad(tmp_path)


@needs_oulad
@pytest.mark.parametrize("cohort", STILL_THERE)
def test_as_many_are_still_there_as_the_description_says(cohort: str) -> None:
    enrolled, left = STILL_THERE[cohort]
    courses = real().courses.filter(cohort=cohort)
    start = courses["start"][0]
    here = real().in_courses(courses["course"])
    assert here.enrolments.height == enrolled
    for day, expected in left.items():
        gone = here.known_at(start + timedelta(days=day)).endings
        still = here.enrolments.join(gone, on=["student", "course"], how="anti")
        assert still.height == expected, day


@needs_oulad
def test_all_clicks_arrive() -> None:
    sums = dict(real().activity.group_by("course").agg(pl.col("count").sum()).iter_rows())
    assert sums["AAA-2013J"] == 648_494
    assert sums["BBB-2013B"] == 1_347_911


def test_oddities(small: StudyFacts) -> None:
    start = date(2013, 10, 1)
    # Withdrawn without a date is known when the course is over; a Fail who left is known to have left before that.
    endings = {(row["student"], row["day"], row["kind"]) for row in small.endings.to_dicts()}
    over = start + timedelta(days=268)
    assert endings == {
        ("11", over, "withdrew"),
        ("12", start + timedelta(days=30), "withdrew"),
        ("12", over, "failed"),
    }
    assert small.enrolments["registered"].to_list() == [start - timedelta(days=20), start]
    assert small.enrolments["attempts_before"].to_list() == [0, 1]


def test_results_without_a_score_or_a_date(small: StudyFacts) -> None:
    rows = {row["assessment"]: row for row in small.results.to_dicts()}
    assert (rows["1"]["handed_in"], rows["1"]["score"]) == (date(2013, 10, 19), None)
    assert (rows["2"]["handed_in"], rows["2"]["score"], rows["2"]["banked"]) == (
        date(2014, 6, 26),
        55.0,
        True,
    )


def test_clicks_of_a_day_add_up_by_kind(small: StudyFacts) -> None:
    rows = {row["kind"]: row["count"] for row in small.activity.to_dicts()}
    assert rows == {"forum": 5, "lesson": 2}


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoOulad, match=r"courses\.csv"):
        read_oulad(tmp_path)

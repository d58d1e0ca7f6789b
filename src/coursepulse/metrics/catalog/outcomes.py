"""What came of courses."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_courses, of_platform
from coursepulse.metrics.evidence import outcomes as proofs
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.finish import outcomes
from coursepulse.metrics.metric import Column, Metric, Param, Reach, Scope, Source, Unit

_VERSION = (
    "`everybody`; the days of enrolment of a version, such as `2026-01-31/..` since a change or "
    "`../2026-01-30` before it"
)
_LEARNERS = Column(
    "learners", Unit.COUNT, "Learners", "enrolled four weeks ago or earlier, those who left included"
)
_COMPLETED = Column(
    "completed", Unit.COUNT, "Completed", "of those, declared complete or with every lesson done"
)
_COMPLETED_PCT = Column("completed_pct", Unit.PERCENT, "Completed %", "completed / learners")
_EXPECTED = Column(
    "expected_pct",
    Unit.PERCENT,
    "Expected %",
    "how many of people like them completed in other courses; null for fewer than 10 learners, or 50 elsewhere",
)
_DIFFERENCE = Column("difference", Unit.NUMBER, "Difference", "completed % - expected %, in points")

OUTCOME_METRICS = (
    Metric(
        "course_outcomes",
        "What came of it",
        "How many of those who enrolled completed, against what was to be expected of them, and how long it took.",
        Scope.COURSE,
        (
            Column("part", Unit.ID, "Who", f"{_VERSION}; or a month, such as `2026-03`"),
            _LEARNERS,
            _COMPLETED,
            _COMPLETED_PCT,
            _EXPECTED,
            _DIFFERENCE,
            *c.INTERVAL,
            Column("enrolled", Unit.COUNT, "Enrolled", "all who enrolled, up to the end of the period"),
            Column(
                "half_after",
                Unit.DAYS,
                "Half completed after",
                "days after which half of all who enrolled have completed; null while fewer have",
            ),
            Column("half_low", Unit.DAYS, "At the earliest", "lower end of the interval of 95 %"),
            Column("half_high", Unit.DAYS, "At the latest", "upper end of it; null where it is open"),
        ),
        "Outcomes",
        takes=(Param.TO,),
        span=None,
        reads=(outcomes.LEARNERS, outcomes.ELSEWHERE, outcomes.CHANGES),
        courses=Reach.BESIDE,
        finish=outcomes.list_outcomes,
        source=Source.LEARNERS,
        group=of_courses.COURSE_OUTCOMES,
        evidence={
            "learners": proofs.KNOWN,
            "completed": proofs.COMPLETED,
            "completed_pct": proofs.COMPLETED_PCT,
            "enrolled": proofs.ENROLLED,
            "expected_pct": Why.COMPARES,
            "": Why.FORMULA,
        },
    ),
    Metric(
        "course_gains",
        "What is learned between two attempts",
        "For each quiz that people took again, how much better they did than by chance alone: everybody, and those "
        "of each version of the course.",
        Scope.COURSE,
        (
            c.ASSESSMENT_ID,
            Column("title", Unit.TEXT, "Title", "title of the assessment, empty when unknown"),
            Column("part", Unit.ID, "Who", _VERSION),
            Column("repeaters", Unit.COUNT, "Took it again", "learners with two complete attempts"),
            Column("first_pct", Unit.PERCENT, "First attempt", "mean share of right answers"),
            Column("second_pct", Unit.PERCENT, "Next attempt", "the same at their next attempt"),
            Column(
                "chance_pct",
                Unit.PERCENT,
                "By chance",
                "what they would have reached without learning: bad luck does not repeat itself",
            ),
            Column("gain", Unit.NUMBER, "Gain", "next attempt - by chance, in points"),
            *c.INTERVAL,
        ),
        "Learning gain",
        takes=(Param.TO,),
        span=None,
        titled="assessment_id",
        reads=(outcomes.ANSWERS, outcomes.LEARNERS, outcomes.CHANGES),
        finish=outcomes.list_gains,
        source=Source.LEARNERS,
        group=of_courses.COURSE_GAINS,
        evidence={"": Why.UNLISTED},
    ),
    Metric(
        "course_changes",
        "Did the change help?",
        "For each lesson that was made anew, who went on within two weeks: those who came to it before, and since.",
        Scope.COURSE,
        (
            Column("change", Unit.ID, "Change", "the day and the lesson", hidden=True),
            Column("changed_on", Unit.DATE, "Changed on", "first day of the new version"),
            c.LESSON_ID,
            Column("title", Unit.TEXT, "Title", "title of the lesson, empty when unknown"),
            Column("what", Unit.TEXT, "What changed", "as the platform says it"),
            Column(
                "earlier",
                Unit.COUNT,
                "Came before",
                "learners who completed the lesson before it two weeks before the change or earlier",
            ),
            Column(
                "earlier_pct", Unit.PERCENT, "Went on", "of those, who completed the lesson within two weeks"
            ),
            Column(
                "later", Unit.COUNT, "Came later", "learners who came to it since, two weeks ago or earlier"
            ),
            Column(
                "later_pct",
                Unit.PERCENT,
                "Went on too",
                "of those, who completed the lesson within two weeks",
            ),
            Column(
                "difference", Unit.NUMBER, "Difference", "in points; null below five learners on either side"
            ),
            *c.INTERVAL,
        ),
        "Changes of a course",
        takes=(Param.TO,),
        span=None,
        titled="lesson_id",
        reads=(outcomes.CHANGES, outcomes.CHANGE_LEARNERS),
        finish=outcomes.list_changes,
        source=Source.LEARNERS,
        group=of_courses.COURSE_CHANGES,
        evidence={"earlier": proofs.CAME_BEFORE, "later": proofs.CAME_LATER, "": Why.FORMULA},
    ),
    Metric(
        "platform_outcomes",
        "Courses against what was expected",
        "Of each course with 20 learners or more, how many completed, against what was to be expected of who enrolled.",
        Scope.PLATFORM,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            _LEARNERS,
            _COMPLETED,
            _COMPLETED_PCT,
            _EXPECTED,
            _DIFFERENCE,
            *c.INTERVAL,
        ),
        "Outcomes",
        takes=(Param.TO,),
        span=None,
        titled="course_id",
        reads=(outcomes.ELSEWHERE,),
        courses=Reach.EACH_BESIDE,
        finish=outcomes.list_courses,
        source=Source.LEARNERS,
        group=of_platform.PLATFORM_OUTCOMES,
        evidence={"": Why.UNLISTED},
    ),
    Metric(
        "platform_instructors",
        "Instructors against what was expected",
        "Of the courses of each instructor, how many completed, against how people like them did in courses of others.",
        Scope.PLATFORM,
        (
            Column("instructor_id", Unit.ID, "Instructor", "pseudonym", hidden=True),
            Column("instructor", Unit.TEXT, "Instructor", "name on the roster, else the pseudonym"),
            Column("courses", Unit.COUNT, "Courses", "courses taught, with learners whose outcome is known"),
            _LEARNERS,
            _COMPLETED,
            _COMPLETED_PCT,
            _EXPECTED,
            _DIFFERENCE,
            *c.INTERVAL,
        ),
        "Outcomes",
        takes=(Param.TO,),
        span=None,
        reads=(outcomes.ELSEWHERE,),
        roster=(outcomes.INSTRUCTORS,),
        courses=Reach.EACH_BESIDE,
        finish=outcomes.list_instructors,
        source=Source.LEARNERS,
        group=of_platform.PLATFORM_INSTRUCTORS,
        evidence={"": Why.UNLISTED},
    ),
)

"""What the product advises the learners of a course, and what came of it."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_courses
from coursepulse.metrics.catalog.takes import PERIOD
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.finish import steps
from coursepulse.metrics.metric import Column, Metric, Reach, Scope, Source, Unit

ADVICE_METRICS = (
    Metric(
        "course_steps",
        "Were next steps taken, and how did it go on?",
        "Learners who saw a next step, who of them did it within seven days, and who was still learning after that.",
        Scope.COURSE,
        (
            Column(
                "advice",
                Unit.ID,
                "What to do",
                "`any`, or come_back, begin, catch_up, practise, next_lesson, watch_rest or go_on",
            ),
            Column(
                "learners", Unit.COUNT, "Learners", "learners who saw such a step more than three weeks ago"
            ),
            Column("followed", Unit.COUNT, "Did it", "of those, who did it within seven days"),
            Column("followed_pct", Unit.PERCENT, "Did it %", "did it / learners"),
            Column("pairs", Unit.COUNT, "Pairs", "of those who did it, with somebody like them who did not"),
            Column(
                "overlap_pct", Unit.PERCENT, "Overlap", "pairs / did it: the others have nobody like them"
            ),
            Column(
                "went_on_pct",
                Unit.PERCENT,
                "Went on",
                "of the pairs, those who did it, who learned in the two weeks after the seven days",
            ),
            Column("others_on_pct", Unit.PERCENT, "Went on too", "of the pairs, the others"),
            *c.BETWEEN_PAIRS,
        ),
        "Whether next steps helped",
        takes=PERIOD,
        span=90,
        courses=Reach.SHOWN,
        reads=(steps.PEOPLE,),
        finish=steps.compare_followed,
        source=Source.LEARNERS,
        group=of_courses.COURSE_STEPS,
        evidence={"learners": Why.UNLISTED, "followed": Why.UNLISTED, "": Why.FORMULA},
    ),
)

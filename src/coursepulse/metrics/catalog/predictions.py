"""What a model says of learners, for those who teach them. Students are never shown any of it."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_courses
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.metric import Column, Metric, Param, Scope, Source, Unit

_PROBABILITY = Column(
    "probability_pct", Unit.PERCENT, "Risk", "how likely it is that the learner does not complete the course"
)
_KNOWN = Column(
    "known_pct", Unit.PERCENT, "Known", "of what the model looks at, how much is known of the learner"
)
_MODEL = Column("model", Unit.TEXT, "Model", "version of the model")
_AT = Column("predicted_at", Unit.MOMENT, "As of", "since when the model says so")
_SECTION = "Risk by a model"

PREDICTION_METRICS = (
    Metric(
        "student_prediction",
        "Predicted risk of a student",
        "What the model says of a student in each course, and why; nothing where no model has earned being shown.",
        Scope.STUDENT,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            _PROBABILITY,
            Column("before_pct", Unit.PERCENT, "A week before", "the same a week before, null when unknown"),
            _KNOWN,
            Column(
                "shares",
                Unit.LIST,
                "Reasons",
                "the weightiest features, each with its value and its share of the log-odds",
            ),
            Column("base", Unit.NUMBER, "Base", "log-odds before anything is known", hidden=True),
            Column("rest", Unit.NUMBER, "Rest", "what all other features add to the log-odds", hidden=True),
            _MODEL,
            _AT,
            Column(
                "said",
                Unit.STATE,
                "Teachers say",
                "confirmed, dismissed or wrong; empty while nobody has said",
            ),
        ),
        _SECTION,
        takes=(Param.COURSE,),
        span=None,
        titled="course_id",
        source=Source.POSTGRES,
        withheld=True,
        evidence={"": Why.FORMULA},
    ),
    Metric(
        "course_predictions",
        "Predicted risk in a course",
        "What the model says of each learner, page by page; nothing where no model has earned being shown.",
        Scope.COURSE,
        (c.STUDENT_ID, c.NAME, _PROBABILITY, _KNOWN, _MODEL, _AT),
        _SECTION,
        takes=(Param.SORT, Param.LIMIT, Param.OFFSET, Param.SEARCH),
        span=None,
        named=True,
        order="-probability_pct",
        source=Source.POSTGRES,
        evidence={"": Why.FORMULA},
    ),
    Metric(
        "course_track_record",
        "How predictions came out",
        "What was predicted of learners of a course whose end is known, and how many of them did not complete it.",
        Scope.COURSE,
        (
            Column("from_pct", Unit.PERCENT, "From", "the least that was predicted"),
            Column("to_pct", Unit.PERCENT, "To", "the most that was predicted"),
            Column("learners", Unit.COUNT, "Learners", "learners with such a first prediction; ten at least"),
            Column("predicted_pct", Unit.PERCENT, "Predicted", "what was predicted of them, on average"),
            Column(
                "came_true_pct", Unit.PERCENT, "Came true", "how many of them did not complete the course"
            ),
        ),
        _SECTION,
        span=None,
        source=Source.POSTGRES,
        group=of_courses.COURSE_TRACK_RECORD,
        evidence={"": Why.FORMULA},
    ),
)

"""Metrics about the data themselves: what is wrong with them, and who sends them so."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_platform
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.finish import quality
from coursepulse.metrics.metric import Column, Metric, Param, Scope, Source, Unit

_PERIOD = (Param.FROM, Param.TO)
_SECTION = "Data quality"
_SENDER = Column("sender", Unit.TEXT, "Sender", "name of the API key")

QUALITY_METRICS = (
    Metric(
        "quality_senders",
        "Senders",
        "What each sender sent: how much of it was refused, late or known already, and what its clock says.",
        Scope.PLATFORM,
        (
            _SENDER,
            Column("events", Unit.COUNT, "Events", "events accepted and refused"),
            Column("refused", Unit.COUNT, "Refused", "events refused, for any reason"),
            Column("refused_pct", Unit.PERCENT, "Refused %", "refused, of the events"),
            Column("late", Unit.COUNT, "Late", "events that came more than an hour after they happened"),
            Column("late_pct", Unit.PERCENT, "Late %", "late, of the events"),
            Column(
                "duplicates", Unit.COUNT, "Known already", "accepted events whose id had been received before"
            ),
            Column(
                "duplicates_pct", Unit.PERCENT, "Known already %", "known already, of the events accepted"
            ),
            Column(
                "clock",
                Unit.OFFSET,
                "Clock",
                "median over requests of receipt minus the time of the newest event, in seconds; "
                "negative when the events are dated after their receipt; null for a sender of past events",
            ),
            Column("last_day", Unit.DATE, "Last sent", "last UTC day with a request"),
        ),
        _SECTION,
        takes=_PERIOD,
        reads=(quality.COUNTS,),
        source=Source.POSTGRES,
        personal=False,
        finish=quality.list_senders,
        evidence={"": Why.SYSTEM},
    ),
    Metric(
        "quality_refusals",
        "Refused events",
        "Events that were refused, by sender and reason.",
        Scope.PLATFORM,
        (
            _SENDER,
            Column(
                "reason", Unit.REASON, "Reason", "reason of the refusal, see docs/reference/events-api.md"
            ),
            Column("events", Unit.COUNT, "Events", "events refused for it"),
        ),
        _SECTION,
        takes=_PERIOD,
        reads=(quality.COUNTS,),
        source=Source.POSTGRES,
        personal=False,
        finish=quality.list_refusals,
        evidence={"": Why.SYSTEM},
    ),
    Metric(
        "quality_courses",
        "Courses without a catalog",
        "Courses with events whose lessons nobody has told us.",
        Scope.PLATFORM,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column("events", Unit.COUNT, "Events", "events of learners in the course"),
            Column("learners", Unit.COUNT, "Learners", "learners with an event in the course"),
        ),
        _SECTION,
        takes=_PERIOD,
        titled="course_id",
        group=of_platform.QUALITY_COURSES,
        evidence={"": Why.UNLISTED},
    ),
    Metric(
        "quality_players",
        "Players that never pause",
        "Courses with 20 or more starts of a video by five or more learners, and not a single pause.",
        Scope.PLATFORM,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column("plays", Unit.COUNT, "Starts", "`video_play` events"),
            Column("heartbeats", Unit.COUNT, "Heartbeats", "`video_progress` events"),
            Column("learners", Unit.COUNT, "Learners", "learners with a video event"),
        ),
        _SECTION,
        takes=_PERIOD,
        titled="course_id",
        group=of_platform.QUALITY_PLAYERS,
        evidence={"": Why.UNLISTED},
    ),
)

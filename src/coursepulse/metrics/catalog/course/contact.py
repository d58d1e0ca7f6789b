"""Talk in a course: threads of the forum, and messages to lists of learners."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_courses
from coursepulse.metrics.catalog.takes import PAGE, PERIOD, TO_DATE
from coursepulse.metrics.evidence import people
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.finish import messages
from coursepulse.metrics.metric import Column, Metric, Param, Reach, Scope, Source, Unit

CONTACT_METRICS = (
    Metric(
        "course_threads",
        "Threads",
        "Each thread of the discussions: whether somebody answered, and how long it has waited.",
        Scope.COURSE,
        (
            Column("thread_id", Unit.ID, "Thread", "the platform's id of the thread"),
            Column(
                "answer",
                Unit.STATE,
                "Answer",
                "waiting until somebody replies who did not begin it, then answered",
            ),
            Column(
                "waits",
                Unit.DAYS,
                "Waiting for",
                "days since it began; null once answered, and where nobody saw it begin",
            ),
            Column("begun_at", Unit.MOMENT, "Begun", "null where nobody saw it begin"),
            Column("answered_at", Unit.MOMENT, "First answer", "null while it waits"),
            Column("replies", Unit.COUNT, "Replies", "all of them"),
            Column("repliers", Unit.COUNT, "Learners who replied", "learners who wrote at least one"),
            Column("readers", Unit.COUNT, "Learners who read it", "learners who opened it"),
            Column("last_at", Unit.MOMENT, "Last written", "newest post or reply"),
        ),
        "Discussions",
        takes=TO_DATE,
        span=None,
        group=of_courses.COURSE_THREADS,
        evidence={"waits": Why.FORMULA, **people.THREAD},
    ),
    Metric(
        "course_waiting",
        "Whose thread waits",
        "One row per thread without an answer, with the learner who began it, page by page.",
        Scope.COURSE,
        (
            c.STUDENT_ID,
            c.NAME,
            Column("thread_id", Unit.ID, "Thread", "the platform's id of the thread"),
            Column("begun_at", Unit.MOMENT, "Begun", "its first post"),
            Column("waits", Unit.DAYS, "Waiting for", "days since it began"),
            Column("readers", Unit.COUNT, "Learners who read it", "other learners who opened it"),
        ),
        "Discussions",
        takes=(*TO_DATE, *PAGE, Param.SEARCH),
        span=None,
        named=True,
        order="-waits",
        source=Source.LEARNERS,
        evidence={"waits": Why.FORMULA, "readers": Why.UNLISTED},
    ),
    Metric(
        "course_messages",
        "Did writing help?",
        "For each reason to write, who came back within seven days: those written to, and those who were not.",
        Scope.COURSE,
        (
            Column("rule", Unit.ID, "Alert", "the rule of the alert"),
            Column(
                "written",
                Unit.COUNT,
                "Written to",
                "learners who were written to within two weeks of the alert",
            ),
            Column(
                "written_pct",
                Unit.PERCENT,
                "Came back",
                "of those, with a learning event in the next seven days",
            ),
            Column("others", Unit.COUNT, "Not written to", "learners with such an alert who were not"),
            Column(
                "others_pct",
                Unit.PERCENT,
                "Came back too",
                "of those, in the seven days that begin as long after the alert",
            ),
            *c.BETWEEN_SIDES,
        ),
        "Whether writing helped",
        takes=PERIOD,
        span=90,
        courses=Reach.WRITTEN_TO,
        finish=messages.compare_written,
        source=Source.LEARNERS,
        group=of_courses.COURSE_MESSAGES,
        evidence={"written": Why.UNLISTED, "others": Why.UNLISTED, "": Why.FORMULA},
    ),
    Metric(
        "course_draws",
        "Did writing help? By lot",
        "Those drawn to be written to at once beside those drawn to wait: who came back within seven days.",
        Scope.COURSE,
        (
            Column("written", Unit.COUNT, "Written to", "learners drawn to be written to at once"),
            Column("written_pct", Unit.PERCENT, "Came back", "of those, within seven days of the draw"),
            Column("others", Unit.COUNT, "Not written to", "learners drawn to wait for eight days"),
            Column("others_pct", Unit.PERCENT, "Came back too", "of those, within the same days"),
            Column(
                "early",
                Unit.COUNT,
                "Written to early",
                "of those drawn to wait; they count as waiting all the same",
            ),
            *c.BETWEEN_SIDES,
        ),
        "Whether writing helped",
        takes=PERIOD,
        span=90,
        courses=Reach.DRAWN,
        reads=(messages.DRAWN_PEOPLE,),
        finish=messages.compare_drawn,
        source=Source.LEARNERS,
        group=of_courses.COURSE_DRAWS,
        evidence={"written": Why.UNLISTED, "others": Why.UNLISTED, "early": Why.UNLISTED, "": Why.FORMULA},
    ),
    Metric(
        "course_message_waits",
        "Who waits for a message",
        "Learners drawn to wait for a message, to whom nobody has written since, page by page.",
        Scope.COURSE,
        (
            c.STUDENT_ID,
            c.NAME,
            Column("drawn_on", Unit.DATE, "Drawn on", "when the list was divided by lot"),
            Column("write_from", Unit.DATE, "Write from", "eight days later"),
        ),
        "Whether writing helped",
        takes=(*PAGE, Param.SEARCH),
        span=None,
        named=True,
        order="write_from",
        source=Source.POSTGRES,
    ),
    Metric(
        "course_interventions",
        "Those written to beside others like them",
        "Everybody who was written to, paired with somebody as active and as far who was not, and who came back.",
        Scope.COURSE,
        (
            Column("written", Unit.COUNT, "Written to", "learners and days on which they were written to"),
            Column("others", Unit.COUNT, "Not written to", "learners of the same course on the same days"),
            Column("pairs", Unit.COUNT, "Pairs", "of those written to, with somebody like them"),
            Column(
                "overlap_pct", Unit.PERCENT, "Overlap", "pairs / written to: the others have nobody like them"
            ),
            Column(
                "back_pct", Unit.PERCENT, "Came back", "of the pairs, those written to, within seven days"
            ),
            Column("others_pct", Unit.PERCENT, "Came back too", "of the pairs, the others"),
            *c.BETWEEN_PAIRS,
        ),
        "Whether writing helped",
        takes=PERIOD,
        span=90,
        courses=Reach.WRITING,
        reads=(messages.PEOPLE,),
        finish=messages.compare_matched,
        source=Source.LEARNERS,
        group=of_courses.COURSE_INTERVENTIONS,
        evidence={"written": Why.UNLISTED, "others": Why.UNLISTED, "": Why.FORMULA},
    ),
)

"""Who is behind rows about the learners of a course."""

from __future__ import annotations

from coursepulse.metrics.catalog.groups.kinds import (
    AGREED,
    ENROLLED,
    HALF_HOUR,
    MINUTE,
    STEP,
    mean,
    people,
    quartiles,
    ratio,
    total,
)
from coursepulse.privacy.small_groups import Group, GroupValue, ValueKind

#: A student beside the class: the own numbers are no figures of a group.
CLASSMATES = Group(
    size="classmates",
    of=("course_id",),
    by=("course_id",),
    figures=(
        GroupValue("classmates", ValueKind.PEOPLE, "classmates", to_date=True),
        *quartiles("completion", STEP),
        *quartiles("score", STEP),
        *quartiles("time", HALF_HOUR),
    ),
)

COURSES = Group(
    of=("course_id",),
    by=("course_id",),
    adds=True,
    figures=(
        ENROLLED,
        *people("active_learners"),
        total("time_spent", "active_learners", HALF_HOUR),
        mean("completion_pct", "with_completion"),
        mean("score_pct", "with_score"),
    ),
)

COURSE_SUMMARY = COURSES._replace(
    adds=False, of=(), figures=(*COURSES.figures, AGREED, mean("watched_pct", "with_watched"))
)

COURSE_DAILY = Group(
    made="active_learners",
    by=("day",),
    dated=True,
    adds=True,
    figures=(
        *people("active_learners"),
        total("time_spent", "with_time", HALF_HOUR),
        total("time_video", "with_video", HALF_HOUR),
        total("time_quiz", "with_quiz", HALF_HOUR),
        total("time_reading", "with_reading", HALF_HOUR),
        total("lessons_completed", "with_lessons"),
    ),
)

COURSE_WEEKS_BY_BAND = Group(
    made="active_learners", by=("week",), figures=people("active_learners", "low", "normal", "high")
)

COURSE_TRACK_RECORD = Group(
    made="learners",
    by=("from_pct", "to_pct"),
    figures=(*people("learners"), mean("predicted_pct", "learners"), mean("came_true_pct", "learners")),
)

COURSE_LESSONS = Group(made="started", by=("lesson_id",), figures=people("started", "completed", "stopped"))

COURSE_LESSON_TIMES = Group(
    made="learners",
    by=("lesson_id",),
    figures=(
        *people("learners"),
        GroupValue("time_low", ValueKind.QUANTILE, "learners", worth=MINUTE, parts=4),
        GroupValue("time_median", ValueKind.QUANTILE, "learners", worth=MINUTE, parts=2),
        GroupValue("time_high", ValueKind.QUANTILE, "learners", worth=MINUTE, parts=4),
    ),
)

COURSE_VIDEOS = Group(
    made="viewers",
    by=("video_id",),
    figures=(
        *people("viewers", "completed"),
        mean("watched_pct", "with_watched"),
        mean("rewatch_pct", "viewers"),
    ),
)

#: Drawn alike for the whole video: its neighbours state nearly the same, and many draws would tell the truth.
VIDEO_DROPOFF = Group(
    made="viewers",
    by=("second",),
    figures=(
        *people("viewers", "rewatchers", "first_viewers", by=()),
        ratio("remaining_pct", "viewers", "first_viewers"),
    ),
)

COURSE_ASSESSMENTS = Group(
    made="learners",
    by=("assessment_id",),
    figures=(
        *people("learners", "passed"),
        total("attempts", "learners", grows=False),
        mean("score_pct", "learners"),
        ratio("passed_pct", "passed", "learners"),
        GroupValue("bins", ValueKind.PARTS, "learners"),
    ),
)

QUESTION_FIRST_TRY = Group(
    made="answered",
    by=("assessment_id", "question_id"),
    figures=(*people("answered", "correct"), ratio("first_try_pct", "correct", "answered")),
)

COURSE_ITEMS = Group(
    made="answered",
    by=("assessment_id", "question_id"),
    hides=("rasch", "rasch_error"),
    figures=(
        *people("answered"),
        *(mean(each, "answered") for each in ("right_pct", "point_biserial", "discrimination")),
    ),
)

COURSE_MASTERY = Group(
    made="learners",
    by=("skill",),
    figures=(
        *people("learners", "with_gap", "faded", "unsure", "known"),
        mean("mastery", "learners"),
        ratio("gap_pct", "with_gap", "learners"),
    ),
)

COURSE_CHOICES = Group(
    hides=("right",),
    made="people",
    by=("assessment_id", "question_id", "answer_id"),
    figures=(
        *people("answered", "chosen", "upper", "lower", "upper_size", "lower_size"),
        ratio("chosen_pct", "chosen", "answered"),
        ratio("upper_pct", "upper", "upper_size"),
        ratio("lower_pct", "lower", "lower_size"),
    ),
)

COURSE_WEEKS = Group(
    made="learners",
    by=("week",),
    figures=(
        *people("learners", "active_learners"),
        ratio("active_pct", "active_learners", "learners"),
        *(mean(each, "learners") for each in ("active_low", "active_high")),
        *(mean(f"completion_{each}", "with_completion") for each in ("pct", "low", "high")),
        *(mean(f"score_{each}", "with_score") for each in ("pct", "low", "high")),
    ),
)

#: What is no percentage cannot be rounded so that one of ten does not move it.
COURSE_PATTERNS = Group(
    hides=("traits", "days_a_week", "time_a_day", "usual_hour", "speed"),
    made="learners",
    by=("pattern",),
    figures=(
        *people("learners"),
        *(mean(each, "learners") for each in ("share_pct", "in_order_pct", "discussion_pct", "replay_pct")),
    ),
)

COURSE_MESSAGES = Group(
    made="written",
    by=("rule",),
    figures=(
        *people("written", "others", "written_active", "others_active"),
        ratio("written_pct", "written_active", "written"),
        ratio("others_pct", "others_active", "others"),
        *(mean(each, "written") for each in ("difference", "low", "high")),
    ),
)

COURSE_DRAWS = Group(
    made="written",
    by=(),
    figures=(
        *people("written", "others", "early", "written_active", "others_active"),
        ratio("written_pct", "written_active", "written"),
        ratio("others_pct", "others_active", "others"),
        *(mean(each, "written") for each in ("difference", "low", "high")),
    ),
)

COURSE_INTERVENTIONS = Group(
    made="written",
    by=(),
    figures=(
        *people("written", "others", "pairs"),
        *(mean(each, "pairs") for each in ("overlap_pct", "back_pct", "others_pct", "apart", "apart_after")),
        *(mean(each, "pairs") for each in ("difference", "low", "high")),
    ),
)

COURSE_STEPS = Group(
    made="learners",
    by=("advice",),
    figures=(
        *people("learners", "followed", "pairs"),
        ratio("followed_pct", "followed", "learners"),
        *(
            mean(each, "pairs")
            for each in ("overlap_pct", "went_on_pct", "others_on_pct", "apart", "apart_after")
        ),
        *(mean(each, "pairs") for each in ("difference", "low", "high")),
    ),
)

COURSE_OUTCOMES = Group(
    made="enrolled",
    by=("part",),
    figures=(
        *people("enrolled", "learners", "completed"),
        ratio("completed_pct", "completed", "learners"),
        *(mean(each, "learners") for each in ("expected_pct", "difference", "low", "high")),
        *(mean(each, "enrolled") for each in ("half_after", "half_low", "half_high")),
    ),
)

COURSE_GAINS = Group(
    made="repeaters",
    by=("assessment_id", "part"),
    figures=(
        *people("repeaters"),
        *(
            mean(each, "repeaters")
            for each in ("first_pct", "second_pct", "chance_pct", "gain", "low", "high")
        ),
    ),
)

COURSE_CHANGES = Group(
    by=("change",),
    figures=(
        *people("earlier", "later", "earlier_on", "later_on"),
        ratio("earlier_pct", "earlier_on", "earlier"),
        ratio("later_pct", "later_on", "later"),
        *(mean(each, "later") for each in ("difference", "low", "high")),
    ),
)

COURSE_THREADS = Group(
    hides=("answer", "waits", "begun_at", "answered_at", "last_at"),
    made="voices",
    by=("thread_id",),
    figures=(*people("repliers", "readers"), total("replies", "repliers", grows=False)),
)

COURSE_LIVE = Group(
    hides=("began_at",),
    made="attended",
    by=("live_session_id",),
    figures=(
        *people("attended", "took_part"),
        total("interactions", "took_part", grows=False),
        total("stay", "with_stay", HALF_HOUR, grows=False),
        ratio("took_part_pct", "took_part", "attended"),
    ),
)

COURSE_EXERCISES = Group(
    made="learners",
    by=("interactive_id",),
    figures=(
        *people("learners", "solved", "with_verdict", "right_first"),
        total("attempts", "learners", grows=False),
        ratio("first_try_pct", "right_first", "with_verdict"),
    ),
)

#: Drawn alike for the whole video, as its drop-off is.
VIDEO_MOMENTS = Group(
    made="players",
    by=("second",),
    figures=(
        *people("players", "faster", "pausers", "leavers", "arrivals", by=()),
        ratio("faster_pct", "faster", "players"),
    ),
)

#: Everybody in the class is behind each row, and everybody is in one of the states.
COURSE_WORK = Group(
    by=("assessment_id",),
    figures=tuple(
        GroupValue(each, ValueKind.PEOPLE, each, to_date=True)
        for each in ("learners", "not_started", "in_work", "handed_in", "late", "graded", "overdue")
    ),
)

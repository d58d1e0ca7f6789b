"""Who is behind the rows of each metric that adds people up, for those who may not see the people.

What one person is worth on a day decides how coarsely sums are rounded: about an ordinary day of one learner.
"""

from __future__ import annotations

from coursepulse.privacy.small_groups import Group, GroupValue, ValueKind

_HALF_HOUR = 1800
_MINUTE = 60
_ACTIONS = 20


def _people(*columns: str, by: tuple[str, ...] | None = None) -> tuple[GroupValue, ...]:
    return tuple(GroupValue(column, ValueKind.PEOPLE, column, by=by) for column in columns)


def _sum(column: str, people: str, worth: float = 1, *, grows: bool = True) -> GroupValue:
    return GroupValue(column, ValueKind.SUM, people, worth=worth, grows=grows)


def _mean(column: str, people: str) -> GroupValue:
    return GroupValue(column, ValueKind.MEAN, people, to_date=True)


def _ratio(column: str, part: str, whole: str) -> GroupValue:
    return GroupValue(column, ValueKind.RATIO, part, per=whole)


_ENROLLED = GroupValue("learners_enrolled", ValueKind.PEOPLE, "learners_enrolled", to_date=True)
_AGREED = GroupValue("learners_agreed", ValueKind.PEOPLE, "learners_agreed", to_date=True)


def _quartiles(name: str, worth: float) -> tuple[GroupValue, ...]:
    """Median and quartiles of those with a value: a median has half of them on either side, a quartile a quarter."""
    people = f"with_{name}"
    return (
        GroupValue(f"class_{name}_low", ValueKind.QUANTILE, people, worth=worth, parts=4),
        GroupValue(f"class_{name}_median", ValueKind.QUANTILE, people, worth=worth, parts=2),
        GroupValue(f"class_{name}_high", ValueKind.QUANTILE, people, worth=worth, parts=4),
    )


_STEP = 5

#: A student beside the class: the own numbers are no figures of a group.
CLASSMATES = Group(
    size="classmates",
    of=("course_id",),
    by=("course_id",),
    figures=(
        GroupValue("classmates", ValueKind.PEOPLE, "classmates", to_date=True),
        *_quartiles("completion", _STEP),
        *_quartiles("score", _STEP),
        *_quartiles("time", _HALF_HOUR),
    ),
)

COURSES = Group(
    of=("course_id",),
    by=("course_id",),
    adds=True,
    figures=(
        _ENROLLED,
        *_people("active_learners"),
        _sum("time_spent", "active_learners", _HALF_HOUR),
        _mean("completion_pct", "with_completion"),
        _mean("score_pct", "with_score"),
    ),
)

COURSE_SUMMARY = COURSES._replace(
    adds=False, of=(), figures=(*COURSES.figures, _AGREED, _mean("watched_pct", "with_watched"))
)

COURSE_DAILY = Group(
    made="active_learners",
    by=("day",),
    dated=True,
    adds=True,
    figures=(
        *_people("active_learners"),
        _sum("time_spent", "with_time", _HALF_HOUR),
        _sum("time_video", "with_video", _HALF_HOUR),
        _sum("time_quiz", "with_quiz", _HALF_HOUR),
        _sum("time_reading", "with_reading", _HALF_HOUR),
        _sum("lessons_completed", "with_lessons"),
    ),
)

COURSE_WEEKS_BY_BAND = Group(
    made="active_learners", by=("week",), figures=_people("active_learners", "low", "normal", "high")
)

COURSE_TRACK_RECORD = Group(
    made="learners",
    by=("from_pct", "to_pct"),
    figures=(*_people("learners"), _mean("predicted_pct", "learners"), _mean("came_true_pct", "learners")),
)

COURSE_LESSONS = Group(made="started", by=("lesson_id",), figures=_people("started", "completed", "stopped"))

COURSE_LESSON_TIMES = Group(
    made="learners",
    by=("lesson_id",),
    figures=(
        *_people("learners"),
        GroupValue("time_low", ValueKind.QUANTILE, "learners", worth=_MINUTE, parts=4),
        GroupValue("time_median", ValueKind.QUANTILE, "learners", worth=_MINUTE, parts=2),
        GroupValue("time_high", ValueKind.QUANTILE, "learners", worth=_MINUTE, parts=4),
    ),
)

COURSE_VIDEOS = Group(
    made="viewers",
    by=("video_id",),
    figures=(
        *_people("viewers", "completed"),
        _mean("watched_pct", "with_watched"),
        _mean("rewatch_pct", "viewers"),
    ),
)

#: Drawn alike for the whole video: its neighbours state nearly the same, and many draws would tell the truth.
VIDEO_DROPOFF = Group(
    made="viewers",
    by=("second",),
    figures=(
        *_people("viewers", "rewatchers", "first_viewers", by=()),
        _ratio("remaining_pct", "viewers", "first_viewers"),
    ),
)

COURSE_ASSESSMENTS = Group(
    made="learners",
    by=("assessment_id",),
    figures=(
        *_people("learners", "passed"),
        _sum("attempts", "learners", grows=False),
        _mean("score_pct", "learners"),
        _ratio("passed_pct", "passed", "learners"),
        GroupValue("bins", ValueKind.PARTS, "learners"),
    ),
)

QUESTION_FIRST_TRY = Group(
    made="answered",
    by=("assessment_id", "question_id"),
    figures=(*_people("answered", "correct"), _ratio("first_try_pct", "correct", "answered")),
)

COURSE_ITEMS = Group(
    made="answered",
    by=("assessment_id", "question_id"),
    hides=("rasch", "rasch_error"),
    figures=(
        *_people("answered"),
        *(_mean(each, "answered") for each in ("right_pct", "point_biserial", "discrimination")),
    ),
)

COURSE_MASTERY = Group(
    made="learners",
    by=("skill",),
    figures=(
        *_people("learners", "with_gap", "faded", "unsure", "known"),
        _mean("mastery", "learners"),
        _ratio("gap_pct", "with_gap", "learners"),
    ),
)

COURSE_CHOICES = Group(
    hides=("right",),
    made="people",
    by=("assessment_id", "question_id", "answer_id"),
    figures=(
        *_people("answered", "chosen", "upper", "lower", "upper_size", "lower_size"),
        _ratio("chosen_pct", "chosen", "answered"),
        _ratio("upper_pct", "upper", "upper_size"),
        _ratio("lower_pct", "lower", "lower_size"),
    ),
)

COURSE_WEEKS = Group(
    made="learners",
    by=("week",),
    figures=(
        *_people("learners", "active_learners"),
        _ratio("active_pct", "active_learners", "learners"),
        *(_mean(each, "learners") for each in ("active_low", "active_high")),
        *(_mean(f"completion_{each}", "with_completion") for each in ("pct", "low", "high")),
        *(_mean(f"score_{each}", "with_score") for each in ("pct", "low", "high")),
    ),
)

#: What is no percentage cannot be rounded so that one of ten does not move it.
COURSE_PATTERNS = Group(
    hides=("traits", "days_a_week", "time_a_day", "usual_hour", "speed"),
    made="learners",
    by=("pattern",),
    figures=(
        *_people("learners"),
        *(_mean(each, "learners") for each in ("share_pct", "in_order_pct", "discussion_pct", "replay_pct")),
    ),
)

COURSE_MESSAGES = Group(
    made="written",
    by=("rule",),
    figures=(
        *_people("written", "others", "written_active", "others_active"),
        _ratio("written_pct", "written_active", "written"),
        _ratio("others_pct", "others_active", "others"),
        *(_mean(each, "written") for each in ("difference", "low", "high")),
    ),
)

COURSE_DRAWS = Group(
    made="written",
    by=(),
    figures=(
        *_people("written", "others", "early", "written_active", "others_active"),
        _ratio("written_pct", "written_active", "written"),
        _ratio("others_pct", "others_active", "others"),
        *(_mean(each, "written") for each in ("difference", "low", "high")),
    ),
)

COURSE_INTERVENTIONS = Group(
    made="written",
    by=(),
    figures=(
        *_people("written", "others", "pairs"),
        *(_mean(each, "pairs") for each in ("overlap_pct", "back_pct", "others_pct", "apart", "apart_after")),
        *(_mean(each, "pairs") for each in ("difference", "low", "high")),
    ),
)

COURSE_STEPS = Group(
    made="learners",
    by=("advice",),
    figures=(
        *_people("learners", "followed", "pairs"),
        _ratio("followed_pct", "followed", "learners"),
        *(
            _mean(each, "pairs")
            for each in ("overlap_pct", "went_on_pct", "others_on_pct", "apart", "apart_after")
        ),
        *(_mean(each, "pairs") for each in ("difference", "low", "high")),
    ),
)

COURSE_OUTCOMES = Group(
    made="enrolled",
    by=("part",),
    figures=(
        *_people("enrolled", "learners", "completed"),
        _ratio("completed_pct", "completed", "learners"),
        *(_mean(each, "learners") for each in ("expected_pct", "difference", "low", "high")),
        *(_mean(each, "enrolled") for each in ("half_after", "half_low", "half_high")),
    ),
)

COURSE_GAINS = Group(
    made="repeaters",
    by=("assessment_id",),
    figures=(
        *_people("repeaters"),
        *(
            _mean(each, "repeaters")
            for each in ("first_pct", "second_pct", "chance_pct", "gain", "low", "high")
        ),
    ),
)

COURSE_CHANGES = Group(
    by=("change",),
    figures=(
        *_people("earlier", "later", "earlier_on", "later_on"),
        _ratio("earlier_pct", "earlier_on", "earlier"),
        _ratio("later_pct", "later_on", "later"),
        *(_mean(each, "later") for each in ("difference", "low", "high")),
    ),
)

PLATFORM_OUTCOMES = Group(
    of=("course_id",),
    by=("course_id",),
    figures=(
        *(GroupValue(each, ValueKind.PEOPLE, each, to_date=True) for each in ("learners", "completed")),
        *(_mean(each, "learners") for each in ("completed_pct", "expected_pct", "difference", "low", "high")),
    ),
)

PLATFORM_INSTRUCTORS = Group(
    made="learners",
    by=("instructor_id",),
    figures=(
        *(GroupValue(each, ValueKind.PEOPLE, each, to_date=True) for each in ("learners", "completed")),
        *(_mean(each, "learners") for each in ("completed_pct", "expected_pct", "difference", "low", "high")),
    ),
)

COURSE_THREADS = Group(
    hides=("answer", "waits", "begun_at", "answered_at", "last_at"),
    made="voices",
    by=("thread_id",),
    figures=(*_people("repliers", "readers"), _sum("replies", "repliers", grows=False)),
)

COURSE_LIVE = Group(
    hides=("began_at",),
    made="attended",
    by=("live_session_id",),
    figures=(
        *_people("attended", "took_part"),
        _sum("interactions", "took_part", grows=False),
        _sum("stay", "with_stay", _HALF_HOUR, grows=False),
        _ratio("took_part_pct", "took_part", "attended"),
    ),
)

COURSE_EXERCISES = Group(
    made="learners",
    by=("interactive_id",),
    figures=(
        *_people("learners", "solved", "with_verdict", "right_first"),
        _sum("attempts", "learners", grows=False),
        _ratio("first_try_pct", "right_first", "with_verdict"),
    ),
)

#: Drawn alike for the whole video, as its drop-off is.
VIDEO_MOMENTS = Group(
    made="players",
    by=("second",),
    figures=(
        *_people("players", "faster", "pausers", "leavers", "arrivals", by=()),
        _ratio("faster_pct", "faster", "players"),
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

#: ``roster`` is who is in the team and not seen one by one: drawn anew when that changes. Who leaves a team is known:
#: were the same question then drawn alike, an answer that changed would tell what they had done.
TEAM_SUMMARY = Group(
    of=("team_id", "roster"),
    by=("team_id", "roster"),
    figures=(
        GroupValue("members", ValueKind.PEOPLE, "members", to_date=True, standing=True),
        *(GroupValue(each, ValueKind.PEOPLE, each, to_date=True) for each in ("not_agreed", "not_linked")),
        *_people("active_members", "with_completion", "with_score"),
        _sum("time_spent", "active_members", _HALF_HOUR),
        _sum("lessons_completed", "with_lessons"),
        _sum("courses_completed", "with_course_completed", grows=False),
        _mean("completion_pct", "with_completion"),
        _mean("score_pct", "with_score"),
    ),
)

#: Week by week, whatever the period. A week is stated once: no other span of days overlaps it.
TEAM_WEEKS = Group(
    of=("team_id", "roster"),
    by=("team_id", "roster", "week"),
    rows=("week",),
    dated=True,
    figures=(
        *_people("active_members"),
        _sum("time_spent", "active_members", 2 * _HALF_HOUR),
        _sum("lessons_completed", "with_lessons", 2),
    ),
)

#: ``roster`` is who of the unseen has to take the course. The team assigns it, so it knows how many that are.
TEAM_TRAINING = Group(
    of=("team_id", "roster", "course_id"),
    by=("team_id", "roster", "course_id"),
    rows=("course_id",),
    figures=(
        GroupValue("assigned", ValueKind.PEOPLE, "assigned", to_date=True, standing=True),
        *(
            GroupValue(each, ValueKind.PEOPLE, each, to_date=True)
            for each in ("done", "overdue", "due_soon", "not_begun")
        ),
        _ratio("done_pct", "done", "assigned"),
    ),
)

TEAM_CERTIFICATES = Group(
    of=("team_id", "roster", "certificate_id"),
    by=("team_id", "roster", "certificate_id"),
    rows=("certificate_id",),
    figures=(
        GroupValue("holders", ValueKind.PEOPLE, "holders", to_date=True, standing=True),
        *(
            GroupValue(each, ValueKind.PEOPLE, each, to_date=True)
            for each in ("expired", "expires_30", "expires_90", "valid")
        ),
    ),
)

TEAM_ATTENTION = Group(
    of=("team_id", "roster"),
    by=("team_id", "roster"),
    figures=tuple(
        GroupValue(each, ValueKind.PEOPLE, each, to_date=True)
        for each in ("learning", "dormant", "ends_soon", "little_time")
    ),
)

TEAM_SKILLS = Group(
    of=("team_id", "roster", "profile_id", "skill", "course_id"),
    by=("team_id", "roster", "profile_id", "skill", "course_id"),
    rows=("profile_id", "skill", "course_id"),
    figures=(
        GroupValue("people", ValueKind.PEOPLE, "people", to_date=True, standing=True),
        *(GroupValue(each, ValueKind.PEOPLE, each, to_date=True) for each in ("met", "below", "no_result")),
        _ratio("met_pct", "met", "people"),
    ),
)

#: What was bought, assigned and activated stands on bills; what people used is about them.
TEAM_SEATS = Group(
    size="assigned",
    of=("pool_id",),
    by=("pool_id",),
    figures=(GroupValue("used", ValueKind.PEOPLE, "used", to_date=True),),
)

PLATFORM_SUMMARY = Group(
    figures=(
        *_people("active_learners"),
        _sum("active_courses", "active_learners", grows=False),
        _sum("enrolments", "with_enrolment", grows=False),
        _sum("lessons_completed", "with_lessons"),
        _sum("courses_completed", "with_course_completed", grows=False),
        _sum("time_spent", "active_learners", _HALF_HOUR),
        _sum("events", "active_learners", _ACTIONS),
    ),
)

PLATFORM_DAILY = Group(
    made="active_learners",
    by=("day",),
    dated=True,
    adds=True,
    figures=(
        *_people("active_learners"),
        _sum("active_courses", "active_learners"),
        _sum("events", "active_learners", _ACTIONS),
        _sum("sessions", "active_learners"),
        _sum("time_spent", "active_learners", _HALF_HOUR),
    ),
)

#: Weeks and months are drawn alike for all days: a day later they state nearly the same, and many draws would tell the
#: truth.
ACTIVE_USERS = Group(
    by=("day",),
    dated=True,
    figures=(
        *_people("daily"),
        *_people("weekly", "monthly", by=()),
        _ratio("stickiness_pct", "daily", "monthly"),
    ),
)

DEVICES = Group(
    made="active_learners",
    by=("device_type",),
    figures=(
        *_people("active_learners"),
        _sum("events", "active_learners", _ACTIONS),
        _sum("sessions", "active_learners"),
    ),
)

COUNTRIES = DEVICES._replace(by=("country",))

RETENTION = Group(
    size="learners",
    by=("cohort", "period"),
    dated=True,
    figures=(
        *_people("learners", by=("cohort",)),
        *_people("returned"),
        _ratio("returned_pct", "returned", "learners"),
    ),
)

RETENTION_REGISTERED = Group(
    size="enrolled",
    by=("intake", "day"),
    dated=True,
    figures=(
        *_people("enrolled", by=("intake",)),
        *_people("registered"),
        _ratio("registered_pct", "registered", "enrolled"),
    ),
)

CLICKS = Group(
    of=("course_id",),
    by=("course_id",),
    adds=True,
    figures=(*_people("learners"), _sum("clicks", "learners", _ACTIONS)),
)

EVENTS_BY_TYPE = Group(
    made="people", by=("event_type",), adds=True, figures=(_sum("events", "people", _ACTIONS),)
)

QUALITY_COURSES = Group(
    made="learners",
    of=("course_id",),
    by=("course_id",),
    figures=(*_people("learners"), _sum("events", "learners", _ACTIONS)),
)

QUALITY_PLAYERS = Group(
    made="learners",
    of=("course_id",),
    by=("course_id",),
    figures=(
        *_people("learners"),
        _sum("plays", "learners", _ACTIONS),
        _sum("heartbeats", "learners", _ACTIONS),
    ),
)

COURSE_RANKS = Group(
    of=("course_id",),
    by=("course_id",),
    figures=(
        *(
            GroupValue(each, ValueKind.PEOPLE, each, to_date=True)
            for each in ("learners", "completed", "scored")
        ),
        *(_mean(each, "learners") for each in ("completed_pct", "completed_low", "completed_high")),
        *(_mean(each, "scored") for each in ("score_pct", "score_low", "score_high")),
    ),
)

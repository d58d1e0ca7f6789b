"""Columns that several metrics share, so that one name means one thing everywhere."""

from __future__ import annotations

from coursepulse.metrics.metric import ITEM, Column, Unit

STUDENT_ID = Column("student_id", Unit.ID, "Student", "pseudonym", hidden=True)
NAME = Column("name", Unit.TEXT, "Name", "name by the roster, empty when unknown")
COURSE_ID = Column("course_id", Unit.ID, "Course", "the platform's id of the course", hidden=True)
COURSE_TITLE = Column("title", Unit.TEXT, "Course", "title of the course, empty when unknown")
LESSON_ID = Column("lesson_id", Unit.ID, "Lesson", "the platform's id of the lesson", hidden=True)
VIDEO_ID = Column("video_id", Unit.ID, "Video", "the platform's id of the video", hidden=True)
ASSESSMENT_ID = Column(
    "assessment_id", Unit.ID, "Assessment", "the platform's id of the assessment", hidden=True
)
ITEM_ID = Column(ITEM, Unit.ID, "Where", "the platform's id of the lesson, video or quiz", hidden=True)
PLACE = Column("kind", Unit.TEXT, "Kind", "lesson, video, quiz or course", hidden=True)
TITLE = Column("title", Unit.TEXT, "Title", "title by the catalog, empty when unknown")
KIND = Column("kind", Unit.TEXT, "Kind", "quiz or assignment")
SKILL = Column(
    "skill", Unit.ID, "Skill", "the platform's id or name of the skill; without one, the id of the assessment"
)
STANDING = Column("standing", Unit.STATE, "Standing", "gap, faded, unsure or known")
MASTERY = Column("mastery", Unit.PERCENT, "Mastery", "share of the skill's questions that would be right now")
MASTERY_LOW = Column(
    "mastery_low", Unit.PERCENT, "At least", "lower bound: with 95 % certainty it is not less"
)
MASTERY_HIGH = Column("mastery_high", Unit.PERCENT, "At most", "upper bound likewise")
DAY = Column("day", Unit.DATE, "Day", "UTC day")
ENROLLED_AT = Column(
    "enrolled_at",
    Unit.MOMENT,
    "Enrolled on",
    "first enrolment, by the roster where it says so; null when none was told",
)
COMPLETION = Column(
    "completion_pct",
    Unit.PERCENT,
    "Completion",
    "lessons completed to date, of all lessons of the course; null until the catalog knows them",
)
LESSONS_COMPLETED = Column(
    "lessons_completed", Unit.COUNT, "Lessons done", "distinct lessons completed to date"
)
TOTAL_LESSONS = Column(
    "total_lessons",
    Unit.COUNT,
    "Lessons",
    "lessons of the course; those seen so far until the catalog knows them",
)
SCORE = Column(
    "score_pct", Unit.PERCENT, "Score", "mean over quizzes and assignments of the best result, to date"
)
WATCHED = Column("watched_pct", Unit.PERCENT, "Watched", "mean watched % of the videos played, to date")
TIME = Column("time_spent", Unit.SECONDS, "Learning time", "time on task in the period")
TIME_TO_DATE = Column("time_to_date", Unit.SECONDS, "Learning time to date", "time on task to date")
SESSIONS = Column("sessions", Unit.COUNT, "Visits", "visits begun in the period")
DAYS_ACTIVE = Column("days_active", Unit.COUNT, "Days active", "UTC days of the period with a learning event")
LAST_ACTIVITY = Column("last_activity_at", Unit.MOMENT, "Last active", "last learning event to date")
ACTIVE_LEARNERS = Column(
    "active_learners", Unit.COUNT, "Active learners", "learners with a learning event in the period"
)
RISK_SCORE = Column(
    "risk_score", Unit.SCORE, "Risk points", "sum of the points of the reasons, at the end of the period"
)
RISK_BUCKET = Column(
    "bucket",
    Unit.BUCKET,
    "Where they stand",
    "struggling, on_track, excelling, not_enough_information, completed or course_over, at the end of the period",
)
STATUS = Column(
    "status",
    Unit.STATE,
    "Status",
    "not_started without any learning event, completed, or else in_progress; at the end of the period",
)
MISSED = Column(
    "missed",
    Unit.COUNT,
    "Missed",
    "due dates that at least half of the class has met, passed with nothing handed in",
)
REASONS = Column("reasons", Unit.LIST, "Reasons", "pairs of a reason and its points")
ENGAGEMENT_SCORE = Column(
    "engagement_score",
    Unit.SCORE,
    "Engagement (0–100)",
    "mean percentile rank in the last seven days of the period",
)
BAND = Column("band", Unit.BAND, "Engagement", "low, normal or high")
VIDEO_SECONDS = Column("duration", Unit.SECONDS, "Length", "length of the video, null when unknown")
REWATCH = Column(
    "rewatch_pct", Unit.PERCENT, "Watched again", "seconds covered at least twice, of the seconds covered"
)
URL = Column("url", Unit.TEXT, "Address", "where it is on the platform, empty when unknown", hidden=True)
RANK = Column("rank", Unit.COUNT, "Rank", "rank among those who joined; equal points share one")
CHOSEN_NAME = Column("name", Unit.TEXT, "Name", "name that the student chose for leaderboards")
RANK_WEEK = Column("rank_week", Unit.COUNT, "Rank this week", "the same by the points of the last seven days")
POINTS_WEEK = Column(
    "points_week", Unit.COUNT, "This week", "points gained in the last seven UTC days, today included"
)
OWN = Column("own", Unit.FLAG, "You", "whether it is the row of the student who asks", hidden=True)
EVENTS = Column("events", Unit.COUNT, "Events", "events of every type but x_…")

#: How people study, of one or as the mean of a group.
HABITS = (
    Column(
        "days_a_week",
        Unit.NUMBER,
        "Days a week",
        "days with learning in seven, since the first one of the period",
    ),
    Column("time_a_day", Unit.SECONDS, "Time a day", "time on task on a day with learning"),
    Column(
        "usual_hour",
        Unit.NUMBER,
        "Usual hour",
        "mean hour of learning on the student's own clock, 0 to below 24",
    ),
    Column(
        "in_order_pct",
        Unit.PERCENT,
        "In order",
        "of lessons begun, those after the one begun before; null below two",
    ),
    Column(
        "discussion_pct",
        Unit.PERCENT,
        "Days in discussions",
        "of the days with learning, those with a discussion",
    ),
    Column(
        "replay_pct",
        Unit.PERCENT,
        "Played again",
        "of what was played, what had been played before; null without",
    ),
    Column(
        "speed", Unit.NUMBER, "Playback speed", "mean speed at which videos were started; null without any"
    ),
)

#: The interval of a difference of two shares, in percentage points.
INTERVAL = (
    Column("low", Unit.NUMBER, "At least", "lower end of the interval of 95 %, in points"),
    Column("high", Unit.NUMBER, "At most", "upper end of it"),
)

#: How two groups differ of which nobody was chosen by what is compared.
BETWEEN_SIDES = (
    Column("difference", Unit.NUMBER, "Difference", "in points; null below five learners on either side"),
    *INTERVAL,
)

#: How alike pairs are, and how their outcomes differ.
BETWEEN_PAIRS = (
    Column("apart", Unit.NUMBER, "Unlike before", "largest standardised difference of the two groups"),
    Column("apart_after", Unit.NUMBER, "Unlike in pairs", "the same within the pairs; above 0.1 is much"),
    Column("difference", Unit.NUMBER, "Difference", "in points; null below ten pairs"),
    *INTERVAL,
)

"""Every card there is, and the cards of each page in their order."""

from __future__ import annotations

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.course import assessments as course_assessments
from coursepulse.dashboards.course import daily as course_daily
from coursepulse.dashboards.course import engagement as course_engagement
from coursepulse.dashboards.course import headline as course_headline
from coursepulse.dashboards.course import lessons as course_lessons
from coursepulse.dashboards.course import questions as course_questions
from coursepulse.dashboards.course import risk as course_risk
from coursepulse.dashboards.course import students as course_students
from coursepulse.dashboards.course import videos as course_videos
from coursepulse.dashboards.platform import cohorts as platform_cohorts
from coursepulse.dashboards.platform import courses as platform_courses
from coursepulse.dashboards.platform import daily as platform_daily
from coursepulse.dashboards.platform import events as platform_events
from coursepulse.dashboards.platform import headline as platform_headline
from coursepulse.dashboards.platform import pipeline as platform_pipeline
from coursepulse.dashboards.student import activity as student_activity
from coursepulse.dashboards.student import assessments as student_assessments
from coursepulse.dashboards.student import courses as student_courses
from coursepulse.dashboards.student import headline as student_headline
from coursepulse.dashboards.student import steps as student_steps
from coursepulse.dashboards.student import videos as student_videos
from coursepulse.dashboards.team import headline as team_headline
from coursepulse.dashboards.team import members as team_members
from coursepulse.dashboards.video import dropoff as video_dropoff
from coursepulse.dashboards.video import headline as video_headline

HOME = (
    platform_headline.CARD,
    platform_daily.CARD,
    platform_events.CARD,
    platform_courses.CARD,
    platform_cohorts.CARD,
    platform_pipeline.CARD,
)

STUDENT = (
    student_headline.CARD,
    student_courses.CARD,
    student_activity.CARD,
    student_steps.CARD,
    student_videos.CARD,
    student_assessments.CARD,
)

COURSE = (
    course_headline.CARD,
    course_risk.CARD,
    course_engagement.CARD,
    course_daily.CARD,
    course_lessons.CARD,
    course_videos.CARD,
    course_questions.CARD,
    course_assessments.CARD,
    course_students.CARD,
)

#: Of each course, on the first page of those who teach it.
TAUGHT = (course_headline.CARD,)

VIDEO = (video_headline.CARD, video_dropoff.CARD)

TEAM = (team_headline.CARD, team_members.CARD)

#: Every card by its slug.
CARDS: dict[str, Card] = {card.slug: card for card in HOME + STUDENT + COURSE + VIDEO + TEAM}

"""Where things live: the addresses that cards point to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import quote, urlencode

from coursepulse.metrics.metric import Metric, Scope


def card_anchor(slug: str, about: str) -> str:
    """What a card is called on a page on which others with its slug may stand, about other courses or teams."""
    # The id of a course or a team may hold what an id of HTML may not.
    return f"{slug}-{blake2b(about.encode(), digest_size=6).hexdigest()}"


def course_link(course_id: str) -> str:
    """The page of a course."""
    return f"/courses/{quote(course_id, safe='')}"


def risk_limits_link(course_id: str) -> str:
    """The page on which those who teach a course see to where its risk matrix is cut."""
    return f"{course_link(course_id)}/risk-thresholds"


def leaderboard_link(course_id: str) -> str:
    """The page on which those who teach a course see to the names on its leaderboard."""
    return f"{course_link(course_id)}/leaderboard"


def inbox_link(course_id: str = "") -> str:
    """The alerts of a course, or all that one may see."""
    return f"/alerts?course={quote(course_id, safe='')}" if course_id else "/alerts"


def video_link(course_id: str, video_id: str) -> str:
    """The second-by-second page of a video."""
    return f"{course_link(course_id)}/videos/{quote(video_id, safe='')}"


def learner_link(course_id: str, student_id: str) -> str:
    """The page of a student as far as one course is concerned."""
    return f"{course_link(course_id)}{student_link(student_id)}"


def team_link(team_id: str) -> str:
    """The page of a team."""
    return f"/teams/{quote(team_id, safe='')}"


def student_link(student_id: str) -> str:
    """The page of a student, by pseudonym: the whole record."""
    return f"/students/{quote(student_id, safe='')}"


def evidence_link(metric: str, asked: Mapping[str, object]) -> str:
    """The page that says why a number is what it is."""
    return f"/evidence/{metric}?{urlencode(asked)}"


#: By what a metric is about and whose name or title a row has: which ids of the row make the address.
_LINKS: dict[tuple[Scope, str], tuple[Callable[..., str], tuple[str, ...]]] = {
    (Scope.PLATFORM, "course_id"): (course_link, ("course_id",)),
    (Scope.COURSE, "video_id"): (video_link, ("course_id", "video_id")),
    (Scope.COURSE, "student_id"): (learner_link, ("course_id", "student_id")),
    (Scope.TEAM, "student_id"): (student_link, ("student_id",)),
    (Scope.TEAM, "team_id"): (team_link, ("team_id",)),
}


def link_of(metric: Metric, row: dict[str, Any], column: str) -> str | None:
    """Where the name or title in a row leads: to the page about it, if there is one."""
    about = {"name": "student_id", "title": metric.titled, "team": "team_id"}.get(column)
    if about is None:
        return None
    make, ids = _LINKS.get((metric.scope, about), (None, ()))
    if make is None or not all(row.get(each) for each in ids):
        return row.get("href")
    return make(*(row[each] for each in ids))

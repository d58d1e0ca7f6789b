"""What to do first where a page has nothing to show yet, for each role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.links import course_link
from coursepulse.dashboards.reader import Rows
from coursepulse.dashboards.special.class_figures import COUNTS
from coursepulse.privacy.consent import Purpose
from coursepulse.web.dashboards.ports import KnowsConsents
from coursepulse.web.dashboards.shown import CardRequest, ShownCard


class FirstStep(NamedTuple):
    """One thing to do, in the words ``begin.<slug>.title``, ``.text`` and ``.do`` of the catalogue.

    :param href: where it is done, or where it says how
    :param values: what the text says besides
    """

    slug: str
    href: str
    values: Mapping[str, object] = MappingProxyType({})


#: For those who lead or teach: which mails they get can be chosen before there is anything to tell.
_MAILS = FirstStep("mails", "/notifications")

_OF_PLATFORM = (
    FirstStep("set_up", "/first-steps"),
    FirstStep("key", "/admin/keys"),
    FirstStep("users", "/admin/users"),
)

#: Where the page itself is the next thing to look at.
_AGAIN = "/"


def steps_of_nobody(viewer: Viewer, name: str) -> Sequence[FirstStep]:
    """For an account without a record, a course or a team.

    :param name: the login name, by which an administrator finds the account
    """
    if viewer.student_id is None:
        return (FirstStep("tie", _AGAIN, {"name": name}), FirstStep("look", "/definitions"))
    listed = "team" if viewer.role is Role.MANAGER else "course"
    return (FirstStep(listed, _AGAIN), _MAILS, FirstStep("look", "/definitions"))


def find_steps(
    viewer: Viewer, asked: CardRequest, shown: Sequence[ShownCard], consents: KnowsConsents
) -> Sequence[FirstStep]:
    """For a page of cards; none where it has something to show."""
    cards = {each.card.slug: each for each in shown}
    if any(each.trouble for each in shown):
        return ()
    if "student_courses" in cards and viewer.role is Role.STUDENT:
        return () if cards["student_courses"].rows else _student_steps(viewer, consents)
    if "course_headline" in cards and asked.course in viewer.course_ids:
        return _course_steps(asked.course, cards["course_headline"].rows)
    if "team_headline" in cards:
        return () if cards["team_headline"].rows else (FirstStep("members", "/docs"), _MAILS)
    if "platform_headline" in cards and not any(each.as_of for each in shown):
        return _OF_PLATFORM
    if (
        "taught_courses" in cards
        and cards["taught_courses"].rows
        and all(row["learners_enrolled"] == 0 for row in cards["taught_courses"].rows)
    ):
        return (FirstStep("learners", "/docs"), _MAILS, FirstStep("look", "/definitions"))
    return ()


def _student_steps(viewer: Viewer, consents: KnowsConsents) -> Sequence[FirstStep]:
    agreed = viewer.student_id is not None and consents.agrees(viewer.student_id, Purpose.ANALYTICS)
    then = FirstStep("goal", "/goals") if agreed else FirstStep("consent", "/privacy#purpose-analytics")
    return (FirstStep("enrol", _AGAIN), then, FirstStep("look", "/definitions"))


def _course_steps(course: str, figures: Rows) -> Sequence[FirstStep]:
    counts = next((row[COUNTS] for row in figures if COUNTS in row), None)
    if counts is None or counts.enrolled:
        return () if counts is None or counts.begun else _steps_before_events(counts.enrolled, counts.agreed)
    return (
        FirstStep("learners", "/docs"),
        FirstStep("thresholds", f"{course_link(course)}/alert-thresholds"),
        _MAILS,
    )


def _steps_before_events(enrolled: int, agreed: int) -> Sequence[FirstStep]:
    slug, count = ("events", agreed) if agreed else ("agree", enrolled)
    return (FirstStep(slug, "/docs", {"count": count}), _MAILS)

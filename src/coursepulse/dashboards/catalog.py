"""The cards of each page in their order. The server, the docs and the tests read it here."""

from __future__ import annotations

from enum import StrEnum

from coursepulse.dashboards.admin import PLATFORM
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.instructor import COURSE, LEARNER, STUDIED, TAUGHT, VIDEO
from coursepulse.dashboards.manager import LED, TEAM, TEAMS
from coursepulse.dashboards.quality import QUALITY
from coursepulse.dashboards.student import STUDENT
from coursepulse.dashboards.system import SYSTEM


class Dashboard(StrEnum):
    """What a page, or a section of one, is about."""

    PLATFORM = "platform"
    QUALITY = "quality"
    SYSTEM = "system"
    STUDENT = "student"
    LEARNER = "learner"
    STUDIED = "studied"
    COURSE = "course"
    TAUGHT = "taught"
    VIDEO = "video"
    TEAM = "team"
    TEAMS = "teams"
    LED = "led"


DASHBOARDS: dict[Dashboard, tuple[Card, ...]] = {
    Dashboard.PLATFORM: PLATFORM,
    Dashboard.QUALITY: QUALITY,
    Dashboard.SYSTEM: SYSTEM,
    Dashboard.STUDENT: STUDENT,
    Dashboard.LEARNER: LEARNER,
    Dashboard.STUDIED: STUDIED,
    Dashboard.COURSE: COURSE,
    Dashboard.TAUGHT: TAUGHT,
    Dashboard.VIDEO: VIDEO,
    Dashboard.TEAM: TEAM,
    Dashboard.TEAMS: TEAMS,
    Dashboard.LED: LED,
}


def all_cards() -> dict[str, Card]:
    """Every card by its slug."""
    return {card.slug: card for cards in DASHBOARDS.values() for card in cards}

"""Who a manager should write to first: by the weight of the reason, then by how long it has waited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.reader import Rows
from coursepulse.kit.errors import RequestError

LED, OF_ONE = (all_cards()[slug] for slug in ("led_members_to_reach", "team_members_to_reach"))


def training(who: str, state: str, due: date | None) -> dict[str, Any]:
    return {"student_id": who, "name": who.title(), "title": "Fire safety", "state": state, "due_on": due}


def certificate(who: str, state: str, expires: date) -> dict[str, Any]:
    told = {"certificate": "First aid", "state": state, "expires_on": expires}
    return {"student_id": who, "name": who.title()} | told


def silent(who: str, why: str, last: datetime | None) -> dict[str, Any]:
    told = {"why": why, "last_activity_at": last, "next_end_on": date(2026, 3, 30)}
    return {"student_id": who, "name": who.title()} | told


TEAMS: dict[str, dict[str, Rows]] = {
    "ops": {
        "team_summary": [{"team_id": "ops", "team": "Operations"}],
        "team_training_members": [
            training("ann", "overdue", date(2026, 3, 1)),
            training("ben", "overdue", date(2026, 2, 1)),
            training("cal", "due_soon", date(2026, 3, 20)),
            training("dee", "done", None),
        ],
        "team_certificate_members": [
            certificate("cal", "expired", date(2026, 3, 5)),
            certificate("dee", "valid", date(2027, 3, 5)),
        ],
        "team_attention_members": [
            silent("eve", "dormant", None),
            silent("ann", "dormant", datetime(2026, 1, 5, 9, tzinfo=UTC)),
            silent("fay", "little_time", datetime(2026, 3, 5, 9, tzinfo=UTC)),
        ],
    },
    "sales": {
        "team_summary": [{"team_id": "sales", "team": "Sales"}],
        "team_training_members": [],
        "team_certificate_members": [certificate("gil", "expires_30", date(2026, 3, 25))],
        "team_attention_members": [],
    },
}


class Reader:
    """Answers for a manager of two teams, and of one in another organisation."""

    viewer = SimpleNamespace(team_ids=frozenset({"ops", "sales", "other"}))

    def __init__(self, team: str = "") -> None:
        self.subject = SimpleNamespace(team=team)

    def about_team(self, team: str) -> Reader:
        return Reader(team)

    def rows(self, metric: str) -> Rows:
        known: Mapping[str, Rows] | None = TEAMS.get(self.subject.team)
        if known is None:
            raise RequestError("forbidden", "Not yours.", 403)
        return known[metric]


@pytest.mark.parametrize("card", [LED, OF_ONE], ids=lambda card: card.slug)
def test_what_is_late_comes_before_what_soon_will_be(card: Any) -> None:
    rows = card.view.read(card, cast(Any, Reader("" if card is LED else "ops")))
    told = [(row["name"], row["team"], row["day"], row["why"]) for row in rows]
    assert told[:4] == [
        ("Ben", "Operations", date(2026, 2, 1), ["Fire safety was due on Feb 1, 2026"]),
        (
            "Ann",
            "Operations",
            date(2026, 3, 1),
            ["Fire safety was due on Mar 1, 2026", "No learning since Jan 5, 2026"],
        ),
        (
            "Cal",
            "Operations",
            date(2026, 3, 5),
            ["First aid expired on Mar 5, 2026", "Fire safety is due on Mar 20, 2026"],
        ),
        ("Eve", "Operations", None, ["No learning yet"]),
    ]
    of_sales = ("Gil", "Sales", date(2026, 3, 25), ["First aid expires on Mar 25, 2026"])
    assert told[4:] == ([of_sales] if card is LED else [])

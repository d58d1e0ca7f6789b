"""Who needs their teacher today: who is on the card, why, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.alert import AlertNames, KeptAlert
from coursepulse.alerts.rule import Severity
from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.period import Period
from coursepulse.dashboards.reader import ALL_ROWS, CardSubject, MetricReader, OpenAlerts, Record, RowRange
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table
from tests.alerts.made import alert

PERIOD = Period(date(2026, 3, 1), date(2026, 3, 7))
ANN, BEN, CY = (bytes([number]) * 16 for number in (1, 2, 3))
NAMES = {ANN: "Ann", BEN: "Ben", CY: ""}
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="ada", course_ids=frozenset({"maths", "physics"}))


class Risks:
    """Answers with those who struggle in each course, and with what the courses are called."""

    def __init__(self, **points: dict[bytes, int]) -> None:
        self._points, self.asked = points, list[Query]()

    def run(self, query: Query, viewer: Viewer, *, export: bool = False) -> Table:
        self.asked.append(query)
        rows: list[dict[str, Any]] = [{"course_id": query.course, "title": query.course.title()}]
        if query.metric == "course_risk":
            rows = [
                {
                    "student_id": UUID(bytes=student),
                    "name": NAMES[student],
                    "risk_score": points,
                    "reasons": [("low_scores", points)],
                }
                for student, points in self._points.get(query.course, {}).items()
            ]
        columns = tuple(rows[0]) if rows else ()
        values = tuple(tuple(row.values()) for row in rows)
        return Table(
            metric=query.metric,
            columns=columns,
            rows=values,
            start=PERIOD.start,
            end=PERIOD.after,
            latest_data_at=None,
            definition_version="v2",
        )


class Inbox:
    """Tells of alerts, and remembers about whom."""

    def __init__(self, *new: KeptAlert, handled: Sequence[KeptAlert] = ()) -> None:
        self._found, self.named = OpenAlerts(new, handled), set[bytes | None]()

    def about_learners(self) -> OpenAlerts:
        return self._found

    def about_learner(self, course: str, student: bytes) -> Sequence[KeptAlert]:
        raise AssertionError((course, student))

    def messages_to(self, student: bytes) -> list[int]:
        raise AssertionError(student)

    def names(self, alerts: Sequence[KeptAlert]) -> Sequence[AlertNames]:
        self.named |= {kept.alert.student_id for kept in alerts}
        return [AlertNames(NAMES.get(kept.alert.student_id or b"", ""), "", "Quiz 1") for kept in alerts]


def kept(number: int, student: bytes = ANN, course: str = "maths", **other: Any) -> KeptAlert:
    """An alert about work that was not handed in, unless said otherwise."""
    told: dict[str, Any] = {"rule": "missed_due", "values": {"due_at": 86_400e6}}
    return KeptAlert(alert(number, student, course, **(told | other)), number)


def people(
    risks: Risks, inbox: Inbox | None, part: RowRange = ALL_ROWS, reason: str = "all"
) -> tuple[list[Record], int | None]:
    card, chosen = all_cards()["people_to_reach"], {"measure": reason}
    reader = MetricReader(risks, TEACHER, CardSubject(), PERIOD, part=part, alerts=inbox, chosen=chosen)
    rows = card.view.read(card, reader)
    return list(rows), reader.total


def who(rows: list[Record]) -> list[tuple[str, str]]:
    return [(row["name"], row["course_id"]) for row in rows]


def test_the_gravest_comes_first_then_the_most_points() -> None:
    risks = Risks(maths={ANN: 30, BEN: 50})
    rows, total = people(risks, Inbox(kept(1, CY, "physics", severity=Severity.URGENT)))
    assert who(rows) == [("Student 0303…", "physics"), ("Ben", "maths"), ("Ann", "maths")]
    assert [row["severity"] for row in rows] == ["urgent", "warning", "warning"]
    assert total == 3


def test_each_has_the_reasons_in_sentences_the_risk_of_now_first() -> None:
    old = kept(2, rule="struggling", values={"points": 20, "reasons": "inactive"})
    (row,), _ = people(Risks(maths={ANN: 30}), Inbox(kept(1), old))
    assert row["why"] == [
        "Struggling, with 30 risk points: Low mean score.",
        "Ann has not handed in “Quiz 1”, which was due on Jan 2, 1970, 00:00 UTC.",
    ]
    assert (row["course"], row["href"]) == (
        "Maths",
        "/courses/maths/students/01010101-0101-0101-0101-010101010101",
    )


def test_somebody_in_two_courses_is_one_person() -> None:
    rows, total = people(Risks(maths={ANN: 30}, physics={ANN: 40}), Inbox())
    assert who(rows) == [("Ann", "physics"), ("Ann", "maths")]
    assert {row["people"] for row in rows} == {1}
    assert total == 2


@pytest.mark.parametrize(("rule", "stays"), [("struggling", False), ("missed_due", True)])
def test_who_is_known_to_struggle_has_been_seen_to(rule: str, *, stays: bool) -> None:
    """Acknowledging that somebody struggles takes them off the list; acknowledging anything else does not."""
    inbox = Inbox(handled=[kept(1, rule=rule)])
    rows, _ = people(Risks(maths={ANN: 30}, physics={ANN: 30}), inbox)
    assert who(rows) == [("Ann", "maths")] * stays + [("Ann", "physics")]


def test_a_new_alert_brings_them_back() -> None:
    inbox = Inbox(kept(2), handled=[kept(1, rule="struggling")])
    rows, _ = people(Risks(maths={ANN: 30}), inbox)
    assert len(rows[0]["why"]) == 2


def test_only_the_people_of_the_page_are_named() -> None:
    inbox = Inbox(*(kept(number, student) for number, student in enumerate((ANN, BEN, CY))))
    rows, total = people(Risks(), inbox, RowRange(offset=1, limit=1))
    assert (who(rows), total) == ([("Ben", "maths")], 3)
    assert inbox.named == {BEN}


def test_they_can_be_narrowed_to_one_reason_and_each_says_how_many_there_are() -> None:
    risks = Risks(maths={ANN: 30}, physics={ANN: 40})
    inbox = Inbox(
        kept(1, BEN), kept(2, CY), kept(3, CY, rule="sudden_drop", values={"week_s": 1, "usual_s": 9})
    )
    rows, total = people(risks, inbox)
    assert (len(rows), total) == (4, 4)
    # People, not lines: Ann struggles in two courses.
    assert rows[0]["tally"] == {"all": 3, "struggling": 1, "missed_due": 2, "sudden_drop": 1}
    for reason, names in {"missed_due": ["Ben", "Student 0303…"], "struggling": ["Ann", "Ann"]}.items():
        rows, total = people(risks, inbox, reason=reason)
        assert sorted(row["name"] for row in rows) == names
        assert (total, rows[0]["people"]) == (2, 3)
    # Of a reason that is gone everybody is shown: an empty card would say that nobody needs anything.
    assert len(people(risks, inbox, reason="inactive")[0]) == 4


def test_of_each_course_only_those_who_struggle_are_read() -> None:
    risks = Risks()
    assert people(risks, None) == ([], 0)
    assert {(each.course, each.bucket) for each in risks.asked} == {
        ("maths", "struggling"),
        ("physics", "struggling"),
    }
    assert all(msgspec.structs.asdict(each)["limit"] for each in risks.asked)

from __future__ import annotations

from coursepulse.alerts.alert import Alert
from coursepulse.alerts.book import AlertBook, Judged
from coursepulse.alerts.memory import MemoryAlerts
from coursepulse.alerts.rule import Finding
from coursepulse.kit.clock import HOUR, MINUTE
from tests.alerts.made import ANN, BEN, NOW, about, rule

QUIET = rule()
SILENT = Finding(since=NOW - HOUR, evidence=("e1",), values={"days": 3.0})


class Days:
    """A rule that is judged again and again."""

    def __init__(self) -> None:
        self.store = MemoryAlerts()
        self.book = AlertBook(self.store)

    def judge(self, *found: Finding, at: int, students: tuple[bytes, ...] = (ANN,)) -> Judged:
        subjects = [about(student) for student in students]
        return self.book.judge(QUIET, subjects, {about(ANN): found}, at)

    def open(self) -> list[Alert]:
        return self.store.open_of("quiet")


def test_it_is_raised_once() -> None:
    days = Days()
    first = days.judge(SILENT, at=NOW)
    assert [one.raised_at for one in first.opened] == [NOW]
    assert days.judge(SILENT, at=NOW + MINUTE) == Judged([], [], [])
    assert days.open() == first.opened


def test_it_is_updated_when_the_finding_changes() -> None:
    days = Days()
    raised = days.judge(SILENT, at=NOW).opened[0]
    longer = Finding(since=NOW - HOUR, evidence=("e1",), values={"days": 4.0})
    (changed,) = days.judge(longer, at=NOW + MINUTE).updated
    assert (changed.alert_id, changed.raised_at, changed.updated_at) == (raised.alert_id, NOW, NOW + MINUTE)
    assert days.open() == [changed]
    assert changed.values == {"days": 4.0}


def test_it_clears_by_itself() -> None:
    days = Days()
    raised = days.judge(SILENT, at=NOW).opened[0]
    (cleared,) = days.judge(at=NOW + MINUTE).cleared
    assert (cleared.alert_id, cleared.cleared_at) == (raised.alert_id, NOW + MINUTE)
    assert days.open() == []
    assert days.judge(at=NOW + HOUR) == Judged([], [], [])


def test_who_was_not_judged_keeps_the_alert() -> None:
    days = Days()
    days.judge(SILENT, at=NOW)
    assert days.judge(at=NOW + MINUTE, students=(BEN,)) == Judged([], [], [])
    assert len(days.open()) == 1


def test_what_is_found_of_others_waits_until_they_are_judged() -> None:
    days = Days()
    assert days.judge(SILENT, at=NOW, students=(BEN,)) == Judged([], [], [])
    assert days.open() == []


def test_what_comes_back_within_the_cooldown_is_the_old_alert() -> None:
    days = Days()
    raised = days.judge(SILENT, at=NOW).opened[0]
    days.judge(at=NOW + MINUTE)
    later = Finding(since=NOW + HOUR, evidence=("e2",))
    (back,) = days.judge(later, at=NOW + 2 * HOUR).opened
    assert (back.alert_id, back.cleared_at, back.evidence) == (raised.alert_id, None, ("e2",))
    days.judge(at=NOW + 3 * HOUR)
    (fresh,) = days.judge(Finding(since=NOW + 9 * HOUR), at=NOW + 10 * HOUR).opened
    assert fresh.alert_id != raised.alert_id


def test_each_item_has_an_alert_of_its_own() -> None:
    days = Days()
    one, two = Finding(item="l1", since=NOW), Finding(item="l2", since=NOW)
    assert len(days.judge(one, two, at=NOW).opened) == 2
    assert [each.item for each in days.judge(two, at=NOW + 1).cleared] == ["l1"]

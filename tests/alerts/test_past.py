"""Rules about learners tried on past days: the facts are those of that day, and an alert is right if it lasted."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.readers import RollupReader
from coursepulse.alerts.classes import Classes
from coursepulse.alerts.facts import LearnerFacts
from coursepulse.alerts.learner_reader import LearnerReader
from coursepulse.alerts.past import PastLearners
from coursepulse.alerts.rule import Finding, LearnerCondition, Values
from coursepulse.alerts.trial import Fired, replay_learners
from coursepulse.alerts.trials import HISTORY_QUERIES
from coursepulse.kit.clock import DAY, Micros, to_micros
from coursepulse.store.postgres.connect import Pool
from tests.alerts.facts_made import LEARNER
from tests.alerts.made import rule
from tests.metrics.small_course import ANN, BEN, CATALOG, COURSE, NOW, SAM, events, fill
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database

LAST = to_micros(NOW)
#: The fourth day of the small course, at its end.
THEN = LAST - LAST % DAY - 5 * DAY - 1


@pytest.fixture
def rollups(clickhouse: Client) -> RollupReader:
    return RollupReader(lambda: clickhouse, HISTORY_QUERIES)


def read_now(rollups: RollupReader, now: Micros) -> dict[bytes, dict[str, Any]]:
    """What the judges of the server know at a moment."""
    reader = LearnerReader(rollups, Classes(rollups, lambda *_: [], lambda _: None))
    learners = reader.everybody([COURSE], now)
    return {facts.student_id: rounded(facts) for facts in reader.read(learners, now)}


def read_past(rollups: RollupReader, since: Micros) -> dict[Micros, dict[bytes, dict[str, Any]]]:
    days = PastLearners(rollups, lambda *_: []).days(since, LAST)
    return {now: {each.student_id: rounded(each) for each in facts} for now, facts in days}


def rounded(facts: LearnerFacts) -> dict[str, Any]:
    inputs = msgspec.structs.asdict(facts.inputs)
    inputs = {name: round(value, 6) if isinstance(value, float) else value for name, value in inputs.items()}
    return facts._asdict() | {"inputs": inputs, "risk": facts.risk.score}


def test_the_present_is_what_the_judges_know(rollups: RollupReader, clickhouse: Client, pool: Pool) -> None:
    fill(World(clickhouse, pool, LAST))
    assert read_past(rollups, LAST)[LAST] == read_now(rollups, LAST)
    assert len(read_now(rollups, LAST)) == 3


def test_a_past_day_is_what_the_judges_knew_then(
    rollups: RollupReader, clickhouse: Client, clickhouse_url: str, pool: Pool
) -> None:
    fill(World(clickhouse, pool, LAST))
    found = read_past(rollups, THEN)
    assert list(found) == [*(THEN + n * DAY for n in range(6)), LAST]
    with migrated_database(clickhouse_url) as before:
        world = World(before, pool, THEN)
        world.enrol_people({ANN: "UTC", BEN: "America/New_York"}, [SAM])
        world.know(CATALOG)
        world.take_in([event for event in events() if event.at <= THEN])
        known = read_now(RollupReader(lambda: before, HISTORY_QUERIES), THEN)
    assert found[THEN] == known
    assert found[THEN] != found[LAST]


def fire(quiet: dict[int, set[bytes]], days: int) -> list[Fired]:
    """A rule over days on which some of two students are quiet."""
    today: list[set[bytes]] = [set()]

    def find(facts: LearnerFacts, values: Values) -> list[Finding]:
        return [Finding(since=7)] if facts.student_id in today[0] else []

    def walk() -> Any:
        for day in range(days):
            today[0] = quiet.get(day, set())
            yield (day + 1) * DAY, [LEARNER._replace(student_id=ANN), LEARNER._replace(student_id=BEN)]

    condition = LearnerCondition(find)
    found = replay_learners(rule(condition=condition), condition, lambda _: {}, walk())
    return sorted(found, key=lambda fired: fired.alert.student_id != ANN)


def test_an_alert_was_right_if_it_still_held_a_week_later() -> None:
    lasting = {day: {ANN} for day in range(2, 20)}
    lasting[3] = {ANN, BEN}
    ann, ben = fire(lasting, 20)
    assert (ann.alert.raised_at, ann.alert.cleared_at, ann.right) == (3 * DAY, None, True)
    assert (ben.alert.raised_at, ben.alert.cleared_at, ben.right) == (4 * DAY, 5 * DAY, False)


def test_nothing_is_known_of_an_alert_of_this_week() -> None:
    assert [fired.right for fired in fire({4: {ANN}}, 5)] == [None]
    assert [fired.right for fired in fire({3: {ANN}}, 5)] == [False]


def test_a_student_who_is_gone_is_quiet_no_more() -> None:
    condition = LearnerCondition(lambda *_: [Finding(since=7)])
    days = [(DAY, [LEARNER._replace(student_id=ANN)]), (2 * DAY, [])]
    (fired,) = replay_learners(rule(condition=condition), condition, lambda _: {}, days)
    assert fired.alert.cleared_at == 2 * DAY

"""A rule is one declaration: this module adds one, and sees it raised, listed, explained and cleared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.facts import AssessmentFacts, AssessmentOf
from coursepulse.alerts.inbox import AlertInbox
from coursepulse.alerts.labels import AlertLabels
from coursepulse.alerts.port import AlertFilter, Standing
from coursepulse.alerts.rights import AlertRights
from coursepulse.alerts.rule import (
    About,
    Audience,
    EventStreak,
    Reading,
    Rule,
    Severity,
    Threshold,
    ThresholdUnit,
)
from coursepulse.alerts.sink import AlertSink
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.alerts.streaks import streaks
from coursepulse.alerts.thresholds import CourseThresholds
from coursepulse.alerts.written import WrittenMessages
from coursepulse.dashboards.alert_words import alert_reason, alert_title
from coursepulse.events.event import Event
from coursepulse.kit.clock import HOUR, MINUTE
from coursepulse.kit.ids import to_text
from coursepulse.log.port import Block
from coursepulse.log.positions import from_number
from coursepulse.store.postgres.connect import APP, SERVICE, Pool, open_pool
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.store.postgres.relations import Relations
from coursepulse.stream.runners.embedded import EmbeddedRunner
from tests.alerts.test_streaks import NOON, event
from tests.support.postgres import Server

KEY = Viewer(role=Role.SERVICE, subject="key", scopes=frozenset({"read"}))


def thread(seen: Event, assessment: AssessmentOf) -> str:
    return seen.lesson_id


def asked(seen: Event, assessment: AssessmentOf) -> Reading:
    return Reading.BAD if seen.event_type == "forum_post" else Reading.GOOD


#: Nobody answers a student who asks again and again.
UNANSWERED = Rule(
    name="unanswered",
    severity=Severity.INFO,
    audience=(Audience.INSTRUCTORS,),
    about=About.LEARNER,
    thresholds=(
        Threshold("posts", 2, 2, 10, ThresholdUnit.TIMES),
        Threshold("within", 6, 1, 24, ThresholdUnit.HOURS),
    ),
    cooldown=HOUR,
    condition=EventStreak(
        types=frozenset({"forum_post", "forum_view"}),
        item=thread,
        reading=asked,
        times="posts",
        within="within",
        proven=HOUR,
    ),
)


class Shop(NamedTuple):
    """What the server is wired with, over the rule of this module."""

    raw: PostgresRawStore
    runner: EmbeddedRunner
    inbox: AlertInbox

    def take(self, number: int, *events: Event) -> None:
        self.raw.write([Block(from_number(number), list(events))])
        self.runner.process(events)


@pytest.fixture
def shop(postgres_server: Server) -> Iterator[Shop]:
    with (
        postgres_server.database() as dsn,
        open_pool(dsn, 2, role=SERVICE) as service,
        open_pool(dsn, 2, role=APP) as app,
    ):
        yield wire(service, app)


def wire(service: Pool, app: Pool) -> Shop:
    store, thresholds = PostgresAlerts(service, app), CourseThresholds(service)
    processors = streaks((UNANSWERED,), lambda *_: AssessmentFacts(), thresholds.values)
    runner = EmbeddedRunner(processors, [AlertSink(store, (UNANSWERED,), lambda: NOON)])
    rights = AlertRights(Relations(service, lambda: NOON), lambda *_: ())
    inbox = AlertInbox(store, rights, AlertLabels(app), lambda: NOON, WrittenMessages(app))
    return Shop(PostgresRawStore(service), runner, inbox)


def test_it_is_raised_listed_explained_and_cleared(shop: Shop) -> None:
    posts = [event(n, "forum_post", n * MINUTE, lesson_id="l1") for n in (1, 2)]
    shop.take(1, *posts)
    (found,) = shop.inbox.search(AlertFilter(rule="unanswered"), KEY)
    assert (found.alert.item, found.alert.raised_at) == ("l1", NOON + 2 * MINUTE)
    (names,) = shop.inbox.names([found.alert], KEY)
    assert (names.item, alert_title("unanswered"), alert_reason(found.alert, names)) == (
        "l1",
        "unanswered",
        "unanswered",
    )
    evidence = shop.inbox.evidence(found.alert, KEY)
    assert [str(each.event_id) for each in evidence] == [to_text(post.event_id) for post in posts]
    assert {each.event_type for each in evidence} == {"forum_post"}

    shop.take(2, event(3, "forum_view", 3 * MINUTE, lesson_id="l1"))
    assert shop.inbox.search(AlertFilter(Standing.OPEN), KEY) == []
    (over,) = shop.inbox.search(AlertFilter(Standing.CLEARED), KEY)
    assert (over.alert.alert_id, over.alert.cleared_at) == (found.alert.alert_id, NOON + 3 * MINUTE)

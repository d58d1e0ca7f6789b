"""The table of jobs with intervals: a name, the seconds between two runs, the function, and the lock that it needs.

Jobs with hours of their own are in ``jobs/planned.py``.
"""

from __future__ import annotations

from coursepulse.aggregates.work_tables import clear_away
from coursepulse.jobs.on_change import OnChange
from coursepulse.jobs.scheduler import Job
from coursepulse.store.postgres.changes import ChangesFeed
from coursepulse.wiring.components import Components
from coursepulse.wiring.dead_letters import moving
from coursepulse.wiring.roles import WORK
from coursepulse.wiring.told import (
    AlertReader,
    open_leader_reader,
    open_screen_reader,
    reload_catalog,
    reload_settings,
)


def numbers(of: Components) -> list[Job]:
    """What follows the pipeline. Numbers to date must not wait behind profiles."""
    catalog = of.catalog_of_learners
    return [
        Job(
            of.roster.name,
            0.1,
            OnChange(lambda: of.revisions.latest.enrolments, of.roster.refresh),
            lock=of.learning,
        ),
        Job(of.learners.name, 0.1, of.learners.refresh, lock=of.learning, rest=6.0),
        Job(catalog.name, 2.0, catalog.refresh, lock=of.learning, rest=4.0, quiet=10.0),
    ]


def judging(of: Components) -> list[Job]:
    """Alerts that are due only because time has passed, and alerts about courses."""
    return [
        Job("alerts_of_learners", 1.0, of.judges.sweep.turn, rest=3.0),
        Job("alerts_of_courses", 60.0, of.judges.courses.turn, rest=20.0),
    ]


def watching(of: Components) -> list[Job]:
    """Alerts about the platform: nothing that waits for a store may hold them up."""
    return [Job("alerts_of_the_platform", 5.0, of.judges.platform.turn)]


def heard(of: Components) -> list[Job]:
    """What the collector hears of. A withdrawn consent and a revoked key must not wait behind a slow job."""
    revisions = of.revisions
    return [
        # First: the others wait for what it finds.
        Job("revisions", 0.5, revisions.update),
        Job("consents", 0.5, OnChange(lambda: revisions.latest.consents, of.consent_feed.poll)),
        Job("keys", 0.5, OnChange(lambda: revisions.latest.keys, of.keys.feed.poll)),
    ]


def consented(of: Components) -> list[Job]:
    """What numbers make of changed consents."""
    revisions = of.revisions
    told = OnChange(lambda: revisions.latest.consents, of.consents_of_numbers.poll)
    return [Job("consents_of_numbers", 0.5, told)]


def told(of: Components) -> list[Job]:
    """What other processes have changed."""
    if not of.shared or of.collect_only:
        return []
    return [
        Job("changes", 0.1, open_screen_reader(of).read),
        Job("changed alerts", 0.5, AlertReader(of).read),
        Job("changed catalog", 1.0, OnChange(of.campus.version, lambda: reload_catalog(of))),
        Job("changed settings", 5.0, lambda: reload_settings(of)),
    ]


def going_on(of: Components) -> list[Job]:
    """What this worker tells of right now, while somebody looks."""
    if not of.shared or WORK not in of.roles:
        return []
    return [Job("right now", 0.5, of.live_teller.turn)]


def changed(of: Components) -> list[Job]:
    """What the batches of all workers have changed, for the followers of the leader."""
    if not of.shared:
        return []
    feed = ChangesFeed(of.pool)
    return [
        Job("changes_of_workers", 0.1, open_leader_reader(of).read),
        Job("old changes", 600.0, lambda: feed.prune(of.clock())),
        Job("old work tables", 3600.0, lambda: clear_away(of.open_clickhouse(), of.leases.lately())),
        Job("old looks", 60.0, of.live_board.prune),
    ]


def own_chores(of: Components) -> list[Job]:
    """What each process does for itself, one after the other."""
    return [
        # The collector must not write at every request.
        Job("key use", 60.0, of.keys.note_use),
        Job("sender counts", 10.0, of.sender_book.write),
    ]


def chores(of: Components) -> list[Job]:
    """Everything else that one process does for all, one after the other."""
    return [
        Job("sessions", 600.0, of.identity.sessions.purge),
        Job("sign-in failures", 3600.0, lambda: of.identity.accounts.purge(of.clock())),
        Job(of.platform.name, 2.0, of.platform.refresh, quiet=10.0),
        Job(of.profiles.name, 5.0, of.profiles.refresh, lock=of.profiling, quiet=15.0),
        Job("catalog", 5.0, of.campus.catch_up),
        Job("academic_records", 60.0, of.records.keep),
        Job("storage", 3600.0, of.sizes.measure),
        # Soon after a student has asked.
        Job("privacy", 0.25, lambda: of.privacy.work() if of.revisions.latest.requests else None),
        # The trail's entries of so many seconds could be cut off unnoticed.
        Job("audit_anchor", 10.0, of.trail.drop_anchor),
    ]


def learning(of: Components) -> list[Job]:
    """What is learned from the data. It may take seconds: nothing else waits for it."""
    return [Job("skills", 20.0, of.skills.turn, rest=6.0)]


def predicting(of: Components) -> list[Job]:
    """Models of risk. Training may take minutes, so nothing else waits for it."""
    # Here, training and scoring would compete for the processor; outside, scoring does not wait for it.
    trained = [] if of.outside_trainer else training(of)
    return [
        *trained,
        Job("risk_scoring", 15.0, of.scoring.turn, rest=4.0),
        Job("risk_drift", 3600.0, of.drift_watch.run_if_due),
    ]


def training(of: Components) -> list[Job]:
    """The first model as soon as there can be one, and when somebody asks; every week as planned."""
    return [Job("risk_training", 10.0, of.training.run_if_due, rest=2.0)]


def training_outside(of: Components) -> list[Job]:
    """The same where it only waits."""
    return training(of) if of.outside_trainer else []


def planned(of: Components) -> list[Job]:
    """The planned jobs that are due, unless Airflow plans them. Some take long, so nothing else waits for them."""
    if of.settings.scheduler != "embedded":
        return []
    return [Job("planned", 5.0, of.planner.turn)]


def mails(of: Components) -> list[Job]:
    """Alerts by e-mail. A mail server may take its time: nothing else waits for it."""
    if of.delivery.mailing is None:
        return []
    return [Job("mails", 1.0, of.delivery.mailing.run)]


def webhooks(of: Components) -> list[Job]:
    """Alerts to webhooks, whose receivers may take their time too."""
    return [Job("webhooks", 1.0, of.delivery.posting.run)]


def messages(of: Components) -> list[Job]:
    """Alerts into the outbox."""
    delivery = of.delivery
    return [
        Job("outbox", 1.0, delivery.planner.run),
        *([Job("reports", 1.0, of.reports.planner.run)] if delivery.mailing else []),
        Job("old mails", 3600.0, lambda: of.outbox.purge(of.clock())),
    ]


def alone_chores(of: Components) -> list[Job]:
    """Chores of a process that only collects, where another one stores."""
    if not of.collect_only:
        return []
    return [
        Job("sessions", 600.0, of.identity.sessions.purge),
        Job("sign-in failures", 3600.0, lambda: of.identity.accounts.purge(of.clock())),
        Job("audit_anchor", 10.0, of.trail.drop_anchor),
    ]


#: Of every process. One scheduler each, started in this order.
EVERYWHERE = (heard, told, going_on, moving, own_chores, alone_chores)

#: Of the process that leads. The same.
LEADING = (
    changed,
    numbers,
    consented,
    chores,
    judging,
    watching,
    learning,
    predicting,
    training_outside,
    planned,
    mails,
    webhooks,
    messages,
)

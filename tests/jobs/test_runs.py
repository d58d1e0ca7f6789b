"""A planned job runs once for each of its times, no matter who plans it and what dies."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from coursepulse.jobs.claims import JobClaims
from coursepulse.jobs.history import JobHistory
from coursepulse.jobs.plan import JobPlan
from coursepulse.jobs.planned import PlannedJob
from coursepulse.jobs.runs import CLAIM_HELD, EmbeddedPlanner, Errand, NoSuchJob, PlannedRuns, Work
from coursepulse.kit.clock import HOUR, MINUTE, Micros, to_micros
from coursepulse.kit.errors import StoreRejected
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.job_runs import JobRuns

NOON = to_micros(datetime(2026, 3, 9, 12, tzinfo=UTC))
RUNS = 50

RACER = """
import sys, time
from datetime import datetime, UTC
from coursepulse.jobs.claims import JobClaims
from coursepulse.jobs.history import JobHistory
from coursepulse.jobs.runs import PlannedRuns
from coursepulse.kit.clock import HOUR, system_clock
from coursepulse.store.postgres.connect import open_pool
from coursepulse.store.postgres.job_runs import JobRuns

dsn, name, first, runs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with open_pool(dsn, size=3) as pool:
    def work(errand):
        with pool.connection() as connection:
            connection.execute("INSERT INTO worked VALUES (%s, %s)", (errand.due_at, name))
        time.sleep(0.002)
        return "worked"
    job_runs = JobRuns(pool)
    planned = PlannedRuns(
        {"export": work}, JobClaims(pool, system_clock), job_runs, JobHistory(system_clock, job_runs.note), system_clock
    )
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(runs):
        planned.run("export", first + number * HOUR, name)
"""


class Office:
    """Planned runs over a real PostgreSQL, with a clock that stands still."""

    def __init__(self, pool: Pool, work: Work, held: Micros = CLAIM_HELD) -> None:
        self.now = NOON
        self.claims, self.runs = JobClaims(pool, self.clock), JobRuns(pool)
        history = JobHistory(self.clock, self.runs.note)
        self.planned = PlannedRuns({"export": work}, self.claims, self.runs, history, self.clock, held)

    def clock(self) -> Micros:
        return self.now


def test_two_processes_that_race_never_run_a_time_twice(pool: Pool, postgres_dsn: str) -> None:
    with pool.connection() as connection:
        connection.execute("CREATE TABLE worked (due_at timestamptz, by text)")
        connection.execute("GRANT ALL ON worked TO coursepulse_service")
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, postgres_dsn, name, str(NOON), str(RUNS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("server", "airflow")
    ]
    for racer in racers:
        assert racer.stdout
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    assert [racer.communicate()[1] or racer.returncode for racer in racers] == [0, 0]
    with pool.connection() as connection:
        rows = connection.execute("SELECT due_at, by FROM worked").fetchall()
    assert set(Counter(due_at for due_at, _ in rows).values()) == {1}
    assert len(rows) == RUNS
    # Both had their share, or it was no race.
    assert set(Counter(by for _, by in rows)) == {"server", "airflow"}
    history = JobRuns(pool).newest("export", 1000)
    assert (len(history), {run.planned_by for run in history}) == (RUNS, {"server", "airflow"})
    assert sorted(run.planned_for or 0 for run in history) == [NOON + n * HOUR for n in range(RUNS)]


def test_a_run_that_failed_may_be_tried_again_and_one_that_was_done_not(pool: Pool) -> None:
    tries: list[Errand] = []

    def work(errand: Errand) -> str:
        tries.append(errand)
        if len(tries) == 1:
            raise StoreRejected("The bucket is full.")
        return "3 files"

    office = Office(pool, work)
    first = office.planned.run("export", NOON, "airflow")
    assert (first.outcome, first.sentence) == ("failed", "The bucket is full.")
    office.now += MINUTE
    second = office.planned.run("export", NOON, "airflow", {"days": "2026-03-01"})
    assert (second.outcome, second.sentence, second.planned_by) == ("done", "3 files", "airflow")
    assert office.planned.run("export", NOON, "server") == second
    assert [errand.wishes.get("days") for errand in tries] == [None, "2026-03-01"]
    assert [run.outcome for run in office.runs.newest("export")] == ["done", "failed"]


def test_while_it_runs_others_are_told_so_and_do_not_begin(pool: Pool) -> None:
    go, began = threading.Event(), threading.Event()

    def work(_: Errand) -> None:
        began.set()
        assert go.wait(20)

    one, two = Office(pool, work), Office(pool, work)
    assert one.planned.start("export", NOON, "command").outcome == "running"
    assert began.wait(20)
    assert two.planned.run("export", NOON, "server").outcome == "running"
    assert one.planned.state("export", NOON + HOUR) is None
    go.set()
    one.planned.stop()
    state = two.planned.state("export", NOON)
    assert state is not None
    assert (state.outcome, state.planned_by) == ("done", "command")


def test_a_run_whose_process_died_is_taken_over_and_one_that_goes_on_is_not(pool: Pool) -> None:
    office = Office(pool, lambda _: "done")
    assert office.claims.claim("export", NOON, "a process that is killed now")
    office.now += CLAIM_HELD
    assert office.planned.run("export", NOON, "server").outcome == "running"
    office.now += 1
    assert office.planned.run("export", NOON, "server").outcome == "done"


def test_a_claim_is_renewed_while_the_work_goes_on(pool: Pool) -> None:
    def work(_: Errand) -> None:
        office.now += 10 * MINUTE
        time.sleep(0.3)
        claimed.append(office.claims.claim("export", NOON, "another"))
        office.claims.let_go("export", NOON, office.now - MINUTE)
        claimed.append(office.claims.claim("export", NOON, "another"))

    claimed: list[bool] = []
    office = Office(pool, work, held=MINUTE // 600)
    office.planned.run("export", NOON, "server")
    assert claimed == [False, False]


def test_an_unknown_job_is_named(pool: Pool) -> None:
    with pytest.raises(NoSuchJob, match="`dance`"):
        Office(pool, lambda _: None).planned.run("dance", NOON, "command")


def test_the_server_catches_up_with_what_it_missed_once(pool: Pool) -> None:
    ran: list[datetime] = []
    office = Office(pool, lambda errand: ran.append(errand.due_at))
    job = PlannedJob("export", JobPlan(0, 1), "Exports.")

    def turn() -> None:
        EmbeddedPlanner(office.planned, office.claims, office.clock, (job,)).turn()

    # A new installation has missed nothing.
    turn()
    assert ran == []
    office.now += 3 * 24 * HOUR
    planner = EmbeddedPlanner(office.planned, office.claims, office.clock, (job,))
    planner.turn()
    planner.turn()
    turn()
    assert ran == [datetime(2026, 3, 12, 1, tzinfo=UTC)]
    office.now += 13 * HOUR
    planner.turn()
    assert ran[1:] == [datetime(2026, 3, 13, 1, tzinfo=UTC)]


def test_what_failed_is_tried_again_after_a_while(pool: Pool) -> None:
    tries: list[Micros] = []

    def work(_: Errand) -> None:
        tries.append(office.now)
        raise StoreRejected("Full.")

    office = Office(pool, work)
    office.claims.claim("export", NOON - 36 * HOUR, "long ago")
    planner = EmbeddedPlanner(
        office.planned, office.claims, office.clock, (PlannedJob("export", JobPlan(0, 1), "Exports."),)
    )
    for _ in range(25):
        planner.turn()
        office.now += MINUTE
    assert tries == [NOON, NOON + 10 * MINUTE, NOON + 20 * MINUTE]

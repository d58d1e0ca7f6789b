"""The running system: what is opened in which order, and closed in the opposite one."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from coursepulse.collect.consents import ConsentFile
from coursepulse.collect.dead_letters import DeadLetters, SqliteDeadLetters
from coursepulse.collect.door import Door
from coursepulse.collect.keys import open_keys
from coursepulse.collect.poison import bury
from coursepulse.events.event import Event
from coursepulse.jobs.scheduler import Job, Scheduler
from coursepulse.kit.clock import HOUR, system_clock, utc_date
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.log import open_log
from coursepulse.log.port import EventLog
from coursepulse.metrics.rollups import Rollups
from coursepulse.metrics.run import Metrics
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.clickhouse import connect as clickhouse
from coursepulse.store.clickhouse.dimensions import Dimensions
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.postgres.campus import CampusStore, ConsentFeed
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.store.postgres.raw import RawStore
from coursepulse.stream.pipeline import GROUP, Applied, Pipeline
from coursepulse.web.services import Services
from coursepulse.wiring.touched import Touched

#: Seconds within which a changed consent reaches the door.
CONSENT_PACE = 0.5


class System:
    """Everything that one process runs, wired from settings.

    :raises SettingError: at :meth:`start`, naming the setting that cannot be used
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open = ExitStack()

    def start(self, *, collect_only: bool = False) -> Services:
        """Open the stores, begin to work, and hand out what requests need."""
        try:
            return self._start(collect_only=collect_only)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Close everything in the opposite order; what is unfinished is read again at the next start."""
        self._open.close()

    def _start(self, *, collect_only: bool) -> Services:
        settings = self._settings
        log = self._open_log()
        pool = self._open_postgres()
        letters = self._open_dead_letters()
        register = ConsentFile(settings.data / "log" / "consents.bin")
        pseudonyms = Pseudonyms(read_secret(settings))
        feed = ConsentFeed(pool, register.record)
        door = Door(
            log=log,
            keys=open_keys(settings),
            pseudonyms=pseudonyms,
            consents=register.register,
            dead_letters=letters,
            clock=system_clock,
            settings=settings,
        )
        feed.poll()
        jobs = [Job("consents", CONSENT_PACE, feed.poll)]
        dimensions = Dimensions(lambda: self._open_clickhouse())
        campus = CampusStore(pool, pseudonyms, dimensions.replace, system_clock)
        services = Services(settings=settings, clock=system_clock, door=door, campus=campus)
        if not collect_only:
            jobs += self._start_pipeline(services, log, pool, letters)
        self._run_jobs(jobs)
        return services

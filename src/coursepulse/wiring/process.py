"""What a process is, before any of its components is opened."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack

from coursepulse.kit.clock import Micros, system_clock
from coursepulse.kit.settings import Settings
from coursepulse.store.archives import Archives
from coursepulse.store.process_name import process_name
from coursepulse.stream.attention import Attention
from coursepulse.stream.changed_keys import ChangedKeys
from coursepulse.stream.pulse import Pulse
from coursepulse.stream.runners.port import Runner
from coursepulse.web.http.services import Services
from coursepulse.wiring.roles import COLLECT, read_roles
from coursepulse.wiring.workers import LeadWork


class Process:
    """What it was told, and what its components share."""

    settings: Settings
    collect_only: bool
    closing: ExitStack
    clock: Callable[[], Micros]
    name: str
    shared: bool
    roles: frozenset[str]
    changed_keys: ChangedKeys
    attention: Attention
    archives: Archives
    pulse: Pulse
    learning: threading.Lock
    profiling: threading.Lock
    catalog_changed: threading.Event
    ending: threading.Event

    def __init__(self, settings: Settings, *, collect_only: bool = False) -> None:
        self.settings = settings
        self.collect_only = collect_only or read_roles(settings) == {COLLECT}
        self.closing, self.clock = ExitStack(), system_clock
        # Of this process, among those that share its databases.
        self.name = process_name(settings.data)
        # Whether there are others.
        self.shared, self.roles = bool(settings.roles), read_roles(settings)
        self.runners: dict[int, Runner] = {}
        # What one process does for all of them.
        self.lead_work = LeadWork()
        # Who has one may write rollups of learners, or profiles, or take a student out: two, as numbers must not wait.
        self.learning, self.profiling = threading.Lock(), threading.Lock()
        # Lessons or lengths of videos may have changed since the rollups of learners looked; at a start they may.
        self.catalog_changed = threading.Event()
        self.catalog_changed.set()
        # Set when it stops: nobody waits any longer for something outside of it.
        self.ending = threading.Event()
        self.attention = Attention()
        self.archives = Archives(settings.data / "exports")
        self.pulse = Pulse(self.clock)
        # What requests need, as soon as all of it is open: reports are made by asking pages.
        self.services: Services | None = None

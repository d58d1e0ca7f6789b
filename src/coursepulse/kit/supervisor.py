"""A child process that is kept alive: reaped when it dies, and restarted at once."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from signal import SIGINT, SIGQUIT

import structlog

_log = structlog.get_logger(__name__)

#: Pause before the first restart, doubled for each further one up to the longest. The first is short: a
#: killed server's helpers need a moment to notice, and until then a new one refuses to start.
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 5.0

#: After a child has lived this many seconds, the next restart uses the first pause again.
SETTLED = 10.0

Start = Callable[[], "subprocess.Popen[bytes]"]


class Supervisor:
    """Runs one child at a time, from :meth:`begin` to :meth:`end`.

    The child is started by a thread that outlives it, because the kernel sends a parent-death signal
    (``PR_SET_PDEATHSIG``) when the *thread* that started the child ends, not the process.

    :param start: starts the child; called in the supervising thread
    """

    def __init__(self, start: Start, name: str) -> None:
        self._start = start
        self._name = name
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        # A daemon: if the program exits without `end`, the thread ends and the kernel interrupts the child.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.restarts = 0

    def begin(self) -> None:
        """Start the child and keep it running."""
        self._thread.start()

    def end(self, patience: float) -> None:
        """Interrupt the child and wait for it to exit; kill it after ``patience`` seconds."""
        self._ending.set()
        self._signal(SIGINT)
        self._thread.join(patience)
        if self._thread.is_alive():
            self._signal(SIGQUIT)
            self._thread.join()

    @property
    def pid(self) -> int | None:
        """The child's process id while it is alive."""
        child = self._child
        return child.pid if child and child.returncode is None else None

    def _signal(self, number: int) -> None:
        with self._lock:
            if self._child:
                self._child.send_signal(number)  # does nothing once the child is reaped

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while (child := self._spawn()) is not None:
            began = time.monotonic()
            status = child.wait()
            if self._ending.is_set():
                return
            if time.monotonic() - began > SETTLED:
                pause = FIRST_PAUSE
            _log.warning("child_restarts", child=self._name, status=status, pause=pause)
            self._ending.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            self.restarts += 1

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        # Under the lock, so that `end` either sees the child or prevents it.
        with self._lock:
            if self._ending.is_set():
                return None
            self._child = self._start()
            return self._child

"""CPU and memory of a server and its child processes, measured during a benchmark."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from types import TracebackType

from coursepulse.kit.errors import SettingError

try:
    import psutil
except ImportError:
    raise SettingError("Benchmarks need: pip install 'coursepulse[bench]'.") from None


class ProcessTree:
    """Watches a process and its descendants: CPU seconds from start to end, and the peak of their memory.

    Memory is the proportional set size, which counts a page shared by n processes as 1/n in each: PostgreSQL's
    back ends share their buffers, which a sum of resident sizes would count many times.
    """

    def __init__(self, pid: int, every: float = 2.0) -> None:
        self._root = psutil.Process(pid)
        self._every = every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._cpu: dict[int, float] = {}
        self._cpu_before: dict[int, float] = {}
        #: Bytes.
        self.peak_memory = 0

    def __enter__(self) -> ProcessTree:
        self._sample()
        self._cpu_before = dict(self._cpu)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._sample()

    @property
    def cpu_seconds(self) -> float:
        """User and system time since the start, over all processes."""
        return sum(self._cpu.values()) - sum(self._cpu_before.values())

    def _watch(self) -> None:
        while not self._stopping.wait(self._every):
            self._sample()

    def _sample(self) -> None:
        memory = 0
        for process in [self._root, *self._root.children(recursive=True)]:
            try:
                times = process.cpu_times()
                memory += process.memory_full_info().pss
            except psutil.Error:
                continue  # it ended between listing and reading
            self._cpu[process.pid] = times.user + times.system
        self.peak_memory = max(self.peak_memory, memory)


def cpu_seconds(pid: int) -> float:
    """User and system time of one process so far."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

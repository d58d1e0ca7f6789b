"""A real Redis for tests: one node, or a cluster of three masters with a replica each, once per test process."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from redis import Redis, RedisError

from tests.support.server import wait_until

#: Every key of a cluster is in one of so many slots.
_SLOTS = 16_384

_MASTERS = 3


class RedisNode:
    """One ``redis-server``, always on the same ports. It ends with this process."""

    def __init__(self, folder: Path, *, clustered: bool = False) -> None:
        self.port, self.bus = _free_ports(2)
        self._folder, self._clustered = folder, clustered
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What a setting would be."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return when it answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        command = ["/usr/bin/setpriv", "--pdeathsig", "KILL", _program(), "--port", str(self.port)]
        command += ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        if self._clustered:
            command += ["--cluster-enabled", "yes", "--cluster-port", str(self.bus)]
            command += ["--cluster-node-timeout", "2000", "--repl-diskless-sync-delay", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self.answers, 20)

    def kill(self) -> None:
        """As if the machine had gone."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """As if the network had gone: it takes connections, and says nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def client(self) -> Redis:
        """A connection to this node alone."""
        return Redis(port=self.port, socket_timeout=5, protocol=2)

    def answers(self) -> bool:
        """Whether it is there."""
        with suppress(RedisError), self.client() as client:
            return bool(client.ping())
        return False


class ClusterOfNodes:
    """Three masters and a replica of each."""

    def __init__(self, folder: Path) -> None:
        self.nodes = [RedisNode(folder / str(number), clustered=True) for number in range(2 * _MASTERS)]

    @property
    def url(self) -> str:
        """What a setting would be."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def start(self) -> None:
        """Return when every node knows that the cluster is whole."""
        for node in self.nodes:
            node.start()
        self._share_slots()
        first = self.nodes[0]
        for node in self.nodes[1:]:
            with node.client() as client:
                client.execute_command("CLUSTER MEET", "127.0.0.1", first.port, first.bus)
        wait_until(lambda: all(len(_known(node)) == len(self.nodes) for node in self.nodes), 30)
        for master, replica in zip(self.nodes, self.nodes[_MASTERS:], strict=False):
            with replica.client() as client:
                client.execute_command("CLUSTER REPLICATE", _own_name(master))
        self.wait_until_whole()

    def wait_until_whole(self, replicas: int = _MASTERS) -> None:
        """Return when every living node says that each slot is served, and by whom."""
        wait_until(lambda: all(_is_whole(node, replicas) for node in self.nodes if node.answers()), 40)

    def find_master(self, key: str) -> RedisNode:
        """The node that serves a key now."""
        living = next(node for node in self.nodes if node.answers())
        with living.client() as client:
            slot = int(client.execute_command("CLUSTER KEYSLOT", key))
        port = _port_of(living, slot)
        return next(node for node in self.nodes if node.port == port)

    def stop(self) -> None:
        """All at once."""
        for node in self.nodes:
            node.kill()

    def restart(self) -> None:
        """All of them again, after :meth:`stop`: each has kept what it knew of the others."""
        for node in self.nodes:
            node.start()
        self.wait_until_whole()

    def _share_slots(self) -> None:
        edges = [_SLOTS * number // _MASTERS for number in range(_MASTERS + 1)]
        for node, (first, after) in zip(self.nodes, pairwise(edges), strict=False):
            with node.client() as client:
                client.execute_command("CLUSTER ADDSLOTSRANGE", first, after - 1)


def _port_of(node: RedisNode, slot: int) -> int:
    for line in _nodes_of(node):
        fields = line.split()
        for part in fields[8:]:
            first, _, last = part.partition("-")
            if first.isdecimal() and int(first) <= slot <= int(last or first):
                return int(fields[1].partition("@")[0].rpartition(":")[2])
    raise AssertionError("nobody serves this slot")


def _nodes_of(node: RedisNode) -> list[str]:
    with node.client() as client:
        client.set_response_callback("CLUSTER NODES", lambda answer, **_: answer)
        answer: bytes = client.execute_command("CLUSTER NODES")
    return answer.decode().splitlines()


def _known(node: RedisNode) -> list[str]:
    return [line for line in _nodes_of(node) if "handshake" not in line]


def _own_name(node: RedisNode) -> str:
    return next(line.split()[0] for line in _nodes_of(node) if "myself" in line)


def _is_whole(node: RedisNode, replicas: int) -> bool:
    lines = [line for line in _nodes_of(node) if "fail" not in line.split()[2]]
    with node.client() as client:
        client.set_response_callback("CLUSTER INFO", lambda answer, **_: answer)
        info: bytes = client.execute_command("CLUSTER INFO")
    return b"cluster_state:ok" in info and sum("slave" in line.split()[2] for line in lines) >= replicas


def _program() -> str:
    found = shutil.which("redis-server")
    assert found, "redis-server is not installed: bash scripts/system.sh redis"
    return found


def _free_ports(number: int) -> tuple[int, ...]:
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return tuple(each.getsockname()[1] for each in held)


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterOfNodes]:
    """The cluster of this test process. Who kills a node starts it again, and waits until the cluster is whole."""
    cluster = ClusterOfNodes(tmp_path_factory.mktemp("redis-cluster"))
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def redis_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisNode]:
    """One Redis for all tests of this process; use names of your own in it."""
    node = RedisNode(tmp_path_factory.mktemp("redis"))
    node.start()
    yield node
    node.kill()

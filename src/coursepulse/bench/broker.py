"""A Kafka broker of its own on loopback, for benchmarks and tests; ``scripts/kafka.sh`` brings its jars."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import time
import uuid
from contextlib import closing
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from coursepulse.kit.errors import SettingError

#: Where a checkout has it.
HOME = Path(".kafka")

#: Seconds for a broker to start on a loaded machine.
_PATIENCE = 60.0

#: Quick to start and small: it serves one test or one benchmark at a time.
_JVM = ("-Xms96m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=CONTROLLER://127.0.0.1:{controller},{listeners}
advertised.listeners={listeners}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller}
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
"""

_META = "version=1\ncluster.id={cluster}\nnode.id=1\ndirectory.id={directory}\n"


class Broker:
    """One broker, which keeps its topics in a folder.

    :param home: where its jars are
    :param secured: the name and port of a second listener, such as ``SASL_SSL://127.0.0.1:9094``
    :param properties: lines that this listener needs
    :raises SettingError: when they are not there
    """

    def __init__(self, folder: Path, home: Path = HOME, *, secured: str = "", properties: str = "") -> None:
        if not (home / "libs").is_dir() or not shutil.which("java"):
            raise SettingError(f"There is no Kafka in {home}: run scripts/kafka.sh.")
        self._folder, self._home = folder.absolute(), home.absolute()
        self._port, controller = _free_port(), _free_port()
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "meta.properties").write_text(_META.format(cluster=_name(), directory=_name()))
        listeners = ",".join(filter(None, (f"PLAINTEXT://127.0.0.1:{self._port}", secured)))
        text = _PROPERTIES.format(listeners=listeners, controller=controller, folder=self._folder)
        (folder / "broker.properties").write_text(text + properties)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def servers(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process id of the running broker."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Returns when it answers.

        :raises SettingError: when it does not
        """
        archive = self._home / "classes.jsa"
        shared = (
            f"-XX:SharedArchiveFile={archive}" if archive.exists() else f"-XX:ArchiveClassesAtExit={archive}"
        )
        java = shutil.which("java") or "java"
        logging = f"-Dlog4j2.configurationFile={self._home}/log4j2.yaml"
        command = [java, *_JVM, shared, logging, "-cp", f"{self._home}/libs/*", "kafka.Kafka"]
        with (self._folder / "broker.log").open("ab") as output:
            self._process = subprocess.Popen(
                ["/usr/bin/setpriv", "--pdeathsig", "KILL", *command, f"{self._folder}/broker.properties"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._await_answer()

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Let it end in order."""
        if self._process:
            self._process.terminate()
            self._process.wait()

    def _await_answer(self) -> None:
        admin = AdminClient(
            {"bootstrap.servers": self.servers, "log_level": 0, "reconnect.backoff.max.ms": 100}
        )
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self._process and self._process.poll() is None:
            try:
                if admin.list_topics(timeout=1).brokers:
                    return
            except KafkaException:
                time.sleep(0.05)
        raise SettingError(f"The broker does not start; {self._folder / 'broker.log'} says why.")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _name() -> str:
    """An id as Kafka writes them."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[:22]

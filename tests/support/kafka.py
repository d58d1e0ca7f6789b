"""A real Kafka broker for tests: one for all tests of a file that asks for it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from coursepulse.bench.broker import HOME, Broker
from tests.support.certificates import make_certificate

ROOT = Path(__file__).parent.parent.parent


@cache
def install() -> str:
    """Why there is no Kafka here; empty when there is."""
    done = subprocess.run(
        ["/usr/bin/bash", "scripts/kafka.sh"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = (done.stderr or done.stdout).strip().splitlines()
    return (
        f"Kafka cannot be had: {lines[-1] if lines else 'scripts/kafka.sh failed'}" if done.returncode else ""
    )


#: Who may sign in at the secured listener, with a password that is written in the broker's file.
USER, PASSWORD = "coursepulse", "a password for tests"

_SECURED = """\
ssl.keystore.type=PEM
ssl.keystore.location={certificate}
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
    user_{user}="{password}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
    org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


class SecuredBroker(NamedTuple):
    """A broker with a listener that wants TLS and a password.

    :param servers: where that listener is
    :param certificate: whom clients have to trust
    """

    broker: Broker
    servers: str
    certificate: Path


def open_secured(folder: Path) -> SecuredBroker:
    """A broker with a second listener, not running yet; skips like :func:`open_broker`."""
    certificate = make_certificate(folder)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        servers = f"127.0.0.1:{probe.getsockname()[1]}"
    properties = _SECURED.format(certificate=certificate, user=USER, password=PASSWORD)
    broker = open_broker(folder / "broker", secured=f"SASL_SSL://{servers}", properties=properties)
    return SecuredBroker(broker, servers, certificate)


def open_broker(folder: Path, **listener: str) -> Broker:
    """A broker that is not running yet. Where none can be had, the test is skipped, but never in CI."""
    if why := install():
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return Broker(folder, ROOT / HOME, **listener)


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """The broker of this process, with its secured listener; use topics of your own in it."""
    secured = open_secured(tmp_path_factory.mktemp("kafka"))
    secured.broker.start()
    yield secured
    secured.broker.stop()


@pytest.fixture(scope="session")
def broker(secured: SecuredBroker) -> Broker:
    """The same, at its open listener."""
    return secured.broker

"""Where the brokers are, how to speak to them, and what their errors mean here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import parse_qs, urlsplit

from confluent_kafka import KafkaError, KafkaException

from coursepulse.kit.errors import SettingError, StoreUnavailable
from coursepulse.kit.settings import Settings
from coursepulse.log.positions import MOST_PARTITIONS

#: Seconds for the brokers to answer a question.
PATIENCE = 10.0

#: What a client of Kafka is configured with.
Config: TypeAlias = dict[str, str | int | float | bool]

_EXAMPLE = "kafka://broker1:9092,broker2:9092/events?partitions=8"
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,200}")


class BrokerAddress(NamedTuple):
    """What a URL says.

    :param partitions: the least number the topic must have; 0 for however many it has, or one for a new topic
    """

    servers: str
    topic: str
    partitions: int


def parse_address(url: str) -> BrokerAddress:
    """The address behind ``kafka://host:port,host:port/topic?partitions=n``.

    :raises SettingError: when the URL looks different
    """
    parts = urlsplit(url)
    options = parse_qs(parts.query, keep_blank_values=True)
    number = options.pop("partitions", ["0"])[-1]
    topic = parts.path.removeprefix("/")
    if parts.scheme != "kafka" or not parts.netloc or "@" in parts.netloc or options:
        raise SettingError(f"COURSEPULSE_LOG must look like {_EXAMPLE}.")
    if not _TOPIC.fullmatch(topic):
        raise SettingError(f"COURSEPULSE_LOG names no topic; it must look like {_EXAMPLE}.")
    if not number.isdecimal() or int(number) > MOST_PARTITIONS:
        raise SettingError(f"COURSEPULSE_LOG: partitions is {number}; a log has 1 to {MOST_PARTITIONS}.")
    return BrokerAddress(parts.netloc, topic, int(number))


def client_config(address: BrokerAddress, settings: Settings) -> Config:
    """What every client is configured with.

    :raises SettingError: when the file with the password cannot be read
    """
    config: Config = {
        "bootstrap.servers": address.servers,
        "client.id": "coursepulse",
        "security.protocol": settings.kafka_security,
        # Each process says once that the brokers are away, in its own words.
        "log_level": 0,
        "reconnect.backoff.max.ms": 1000,
        "socket.keepalive.enable": True,
    }
    if settings.kafka_ca_file:
        config["ssl.ca.location"] = settings.kafka_ca_file
    if settings.kafka_security.startswith("sasl"):
        config["sasl.mechanism"] = settings.kafka_mechanism
        config["sasl.username"] = settings.kafka_user
        config["sasl.password"] = _read_password(settings.kafka_password_file)
    return config


def _read_password(file: str) -> str:
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise SettingError(f"COURSEPULSE_KAFKA_PASSWORD_FILE cannot be read: {error}.") from None


class FirstContact:
    """Why brokers do not let a client in. The client library tells a callback, and the caller only of a timeout."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._heard = settings, dict[int, str]()

    def note(self, error: KafkaError) -> None:
        """For ``error_cb`` of a client."""
        self._heard[error.code()] = _reason(error.str())

    def explain(self, error: BaseException) -> str:
        """What to look at, in one line."""
        if why := self._heard.get(KafkaError._AUTHENTICATION):
            return (
                f"the brokers do not let {self._settings.kafka_user or 'nobody'} sign in: {why}; see "
                "COURSEPULSE_KAFKA_USER, COURSEPULSE_KAFKA_PASSWORD_FILE and COURSEPULSE_KAFKA_MECHANISM"
            )
        if why := self._heard.get(KafkaError._SSL):
            return f"there is no TLS with the brokers: {why}; see COURSEPULSE_KAFKA_CA_FILE"
        hint = "" if self._settings.kafka_security != "plaintext" else _PLAINTEXT
        return f"no broker answers: {explain(error)}{hint}"


#: A broker that wants TLS says nothing to a client that speaks without.
_PLAINTEXT = "; if they want TLS or a password, see COURSEPULSE_KAFKA_SECURITY"


def _reason(said: str) -> str:
    """Without the address before it and the time behind it."""
    return re.sub(r"^\w+://\S+: (SASL authentication error: )?|[ .]*\(after \d+ms.*$", "", said)


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Around a question to the brokers.

    :raises StoreUnavailable: when they do not answer it
    """
    try:
        yield
    except (KafkaException, TimeoutError) as error:
        raise StoreUnavailable(f"Kafka: {what}: {explain(error)}.") from error


def explain(error: BaseException) -> str:
    """What Kafka says, in a few words."""
    if isinstance(error, KafkaException) and error.args:
        said = error.args[0]
        return str(said.str()) if hasattr(said, "str") else str(said)
    return str(error) or "no answer in time"

"""The log in Kafka keeps every promise of the port (test_contract.py), and what only such a log has to show.

Everything that needs a broker and does not end it is in this file: each process of the test run would start its own.
"""

from __future__ import annotations

import secrets
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    NewTopic,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from coursepulse.bench.broker import Broker
from coursepulse.client.local_server import Server as Address
from coursepulse.kit.errors import LogFull, SettingError
from coursepulse.kit.ids import NIL
from coursepulse.kit.settings import Settings
from coursepulse.log import open_log
from coursepulse.log.blocks import unpack_body
from coursepulse.log.kafka.log import KafkaLog
from coursepulse.log.kafka.topics import events_config
from coursepulse.log.port import EventLog
from coursepulse.log.positions import Position, partition_of, start
from coursepulse.privacy.pseudonyms import Pseudonyms
from tests.faults.senders import STUDENTS, Sender
from tests.faults.test_workers import ask, numbers, shared_fairly
from tests.log.conftest import Disk
from tests.log.samples import event, events
from tests.log.test_contract import *  # noqa: F403 - each of its tests, on the disk below
from tests.log.test_contract import EVER, by, read_all
from tests.log.test_partitions import (  # noqa: F401 - likewise, on three partitions
    fill,
    test_a_student_is_in_one_partition_and_in_order,
    test_an_append_answers_with_the_numbers_in_the_order_of_its_events,
    test_each_partition_is_finished_by_itself,
    test_each_partition_is_waited_for_by_itself,
    test_erasure_reaches_every_partition_up_to_its_own_position,
    test_numbers_are_unique_over_all_partitions,
    test_the_pseudonym_says_in_which_partition_a_student_is,
)
from tests.support.gateway import Gateway
from tests.support.kafka import PASSWORD, USER, SecuredBroker
from tests.support.postgres import Server
from tests.support.server import Platform, wait_until
from tests.support.several import PARTITIONS, SharedInstallation


class KafkaDisk:
    """A topic of its own."""

    def __init__(self, broker: Broker, partitions: int = 1) -> None:
        self._servers = broker.servers
        self.topic = f"events-{secrets.token_hex(4)}"
        self.url = f"kafka://{broker.servers}/{self.topic}?partitions={partitions}"

    def open(self) -> KafkaLog:
        return KafkaLog(self.url, Settings())

    def put(self, body: bytes, events: int = 1) -> None:
        self.open().close()
        producer = Producer({"bootstrap.servers": self._servers, "log_level": 0})
        producer.produce(self.topic, unpack_body(body), partition=0)
        producer.flush()


@pytest.fixture
def disk(broker: Broker) -> Disk:
    return KafkaDisk(broker)


@pytest.fixture
def divided(broker: Broker) -> Iterator[EventLog]:
    log = KafkaDisk(broker, partitions=3).open()
    yield fill(log)
    log.close()


@pytest.fixture
def admin(broker: Broker) -> AdminClient:
    return AdminClient({"bootstrap.servers": broker.servers, "log_level": 0})


def make_topic(
    admin: AdminClient, name: str, partitions: int = 1, config: Mapping[str, str] = MappingProxyType({})
) -> None:
    chosen = {**events_config(Settings()), **config}
    admin.create_topics([NewTopic(name, partitions, 1, config=chosen)])[name].result()


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"cleanup.policy": "compact"}, "cleanup.policy is compact; it must be delete."),
        ({"retention.ms": "3600000"}, "retention.ms is 3600000; it must be at least 259200000."),
        ({"retention.ms": "-1"}, "retention.ms is -1; it must be at least 259200000."),
        ({"segment.ms": "604800000"}, "segment.ms is 604800000; it must be at most 3600000."),
        (
            {"message.timestamp.type": "CreateTime"},
            "message.timestamp.type is CreateTime; it must be LogAppendTime.",
        ),
        ({"max.message.bytes": "1048588"}, "max.message.bytes is 1048588; it must be at least 16777216."),
        (
            {"min.insync.replicas": "2"},
            "min.insync.replicas is 2; it must be at most 1, the replication factor.",
        ),
    ],
)
def test_a_topic_with_a_wrong_setting_is_refused_in_one_line(
    broker: Broker, admin: AdminClient, config: dict[str, str], complaint: str
) -> None:
    disk = KafkaDisk(broker)
    make_topic(admin, disk.topic, config=config)
    with pytest.raises(SettingError) as refused:
        disk.open()
    assert str(refused.value) == f"Kafka topic {disk.topic}: {complaint}"


def test_a_topic_that_is_too_small_is_refused(broker: Broker, admin: AdminClient) -> None:
    disk = KafkaDisk(broker, partitions=3)
    make_topic(admin, disk.topic, partitions=2)
    with pytest.raises(SettingError, match="the number of partitions is 2; it must be at least 3"):
        disk.open()
    with pytest.raises(SettingError, match="the replication factor is 1; it must be at least 3"):
        open_log(disk.url.replace("=3", "=2"), settings=Settings(kafka_replication=3))
    with pytest.raises(SettingError, match=r"min.insync.replicas is 1; it must be at least 2"):
        open_log(disk.url.replace("=3", "=2"), settings=Settings(kafka_min_in_sync=2))


def test_a_topic_that_somebody_made_as_it_must_be_is_used(broker: Broker, admin: AdminClient) -> None:
    disk = KafkaDisk(broker)
    make_topic(admin, disk.topic, partitions=5)
    log = disk.open()
    assert log.partitions == 5
    log.close()


@pytest.fixture
def sign_in(secured: SecuredBroker, tmp_path: Path) -> Settings:
    """How to speak to the secured listener, with a password of PLAIN."""
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    return Settings(
        kafka_security="sasl_ssl",
        kafka_mechanism="PLAIN",
        kafka_user=USER,
        kafka_password_file=str(password),
        kafka_ca_file=str(secured.certificate),
    )


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_a_log_behind_tls_and_a_password_keeps_what_it_is_given(
    secured: SecuredBroker,
    admin: AdminClient,
    sign_in: Settings,
    mechanism: Literal["PLAIN", "SCRAM-SHA-512"],
) -> None:
    if mechanism != "PLAIN":
        made = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        user = UserScramCredentialUpsertion(USER, made, PASSWORD.encode())
        admin.alter_user_scram_credentials([user])[USER].result()
    chosen = msgspec.structs.replace(sign_in, kafka_mechanism=mechanism)
    log = open_log(f"kafka://{secured.servers}/events-{secrets.token_hex(4)}", settings=chosen)
    log.append(events(1, 4)).result(30)
    assert read_all(log) == events(1, 4)
    log.close()


@pytest.mark.long
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kafka_user": "somebody"}, "do not let somebody sign in: Authentication failed"),
        ({"kafka_mechanism": "SCRAM-SHA-256"}, "COURSEPULSE_KAFKA_MECHANISM"),
        ({"kafka_ca_file": ""}, "certificate.*COURSEPULSE_KAFKA_CA_FILE"),
        ({"kafka_security": "plaintext"}, "COURSEPULSE_KAFKA_SECURITY"),
        ({"kafka_password_file": "/nowhere"}, "COURSEPULSE_KAFKA_PASSWORD_FILE cannot be read"),
    ],
)
def test_what_keeps_the_brokers_from_answering_is_said(
    secured: SecuredBroker, sign_in: Settings, change: dict[str, str], complaint: str
) -> None:
    settings = msgspec.structs.replace(sign_in, **change)
    with pytest.raises(SettingError, match=complaint):
        KafkaLog(f"kafka://{secured.servers}/events", settings, patience=5)


def test_brokers_that_are_not_there_are_named_in_one_line() -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_LOG: no broker answers"):
        KafkaLog("kafka://127.0.0.1:1/events", Settings(), patience=0.5)


def test_who_reads_already_meets_no_event_of_a_student_who_is_erased_meanwhile(broker: Broker) -> None:
    disk = KafkaDisk(broker)
    log, reader = disk.open(), disk.open()
    for number in range(4):
        log.append([by(6, number), by(9, number)]).result()
    first = reader.read(start(), 1)[-1].position
    assert reader.wait(first, 5)
    log.erase(by(6, 0).student_id, log.newest(), lambda _: None)
    found = [each for block in reader.read(first, EVER) for each in block.events]
    assert found == [by(9, number) for number in range(4)]
    assert log.without_erased([by(6, 5), by(9, 5)]) == [by(9, 5)]
    for each in (log, reader):
        each.close()


def test_a_tombstone_goes_when_what_it_covers_has_gone(broker: Broker) -> None:
    disk = KafkaDisk(broker)
    log = disk.open()
    log.append([by(6, 1)]).result()
    log.erase(by(6, 1).student_id, log.newest(), lambda _: None)
    log.commit("pipeline", log.newest()[0])
    assert log.prune(EVER, "pipeline") == 1
    assert log.without_erased([by(6, 1)]) == [by(6, 1)]
    log.append([by(6, 2)]).result()
    assert read_all(log) == [by(6, 2)]
    log.close()


def test_the_receipt_of_an_erasure_says_when_the_bytes_are_gone(broker: Broker) -> None:
    log = KafkaDisk(broker).open()
    assert log.erasure == "unreadable from now on; their bytes are gone after 74 hours at most"
    log.close()


def test_positions_are_never_used_again_when_the_topic_is_lost(broker: Broker, admin: AdminClient) -> None:
    disk = KafkaDisk(broker)
    log = disk.open()
    numbers = log.append(events(0, 3)).result()
    log.commit("pipeline", log.newest()[0])
    log.erase(NIL, log.newest(), lambda _: None)
    log.close()
    admin.delete_topics([disk.topic])[disk.topic].result()
    deadline = time.monotonic() + 20
    while disk.topic in admin.list_topics(timeout=5).topics:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    log = disk.open()
    assert min(log.append(events(0, 3)).result()) > max(numbers)
    assert (read_all(log), log.lag("pipeline")) == (events(0, 3), 3)
    log.close()


def test_handles_agree_from_where_positions_count(broker: Broker) -> None:
    disk = KafkaDisk(broker)
    logs = [disk.open() for _ in range(3)]
    first = [log.append([event(number)]).result()[0] for number, log in enumerate(logs)]
    assert [number - first[0] for number in first] == [0, 1 << 14, 2 << 14]
    for log in logs:
        log.close()


def test_of_many_records_the_events_are_estimated(broker: Broker) -> None:
    log = KafkaDisk(broker).open()
    for done in [log.append([event(number), event(number)]) for number in range(300)]:
        done.result()
    assert log.lag("any") == 600
    log.close()


def test_a_record_that_is_too_large_is_refused_and_the_next_one_is_taken(broker: Broker) -> None:
    log = KafkaDisk(broker).open()
    large = msgspec.structs.replace(event(1), payload=b"x" * (17 << 20))
    with pytest.raises(LogFull):
        log.append([large]).result()
    log.append([event(2)]).result()
    assert read_all(log) == [event(2)]
    assert log.newest() == (log.read(start(), 1)[0].position,)
    assert log.committed("nobody") == Position(0, 0)
    log.close()


@pytest.mark.slow
@pytest.mark.long
def test_two_workers_share_a_topic_of_four_partitions(
    broker: Broker, gateway: Gateway, postgres_server: Server, tmp_path: Path
) -> None:
    """One is killed on the way; what it refused and what others refused is in one queue."""
    disk = KafkaDisk(broker, partitions=PARTITIONS)
    with postgres_server.database() as dsn:
        several = SharedInstallation(tmp_path, dsn, gateway.url(), log=disk.url)
        try:
            # One after the other: a busy machine does not start four of them in time.
            first = several.join("first", "collect,web")
            for name in ("worker-1", "worker-2"):
                several.join(name, "work")
            second = several.join("second", "web")
            first.agree(*STUDENTS)
            wait_until(lambda: shared_fairly(dsn), 300)
            sender = Sender(Address(first.server.url, first.server.key), 5, pause=0.1, timeout=60)
            sender.start()
            wait_until(lambda: len(sender.acknowledged) > 100, 300)
            several.leave("worker-1", signal.SIGKILL)
            several.begin("worker-1", "work")
            producer = Producer({"bootstrap.servers": broker.servers, "log_level": 0})
            producer.produce(disk.topic, b"this is no event", partition=0)
            assert producer.flush(60) == 0
            wait_until(lambda: len(sender.acknowledged) > 400, 300)
            sender.stop()
            first.settle(300)
            found = ask(dsn, "SELECT event_id FROM student_activity_events WHERE event_type <> 'session_end'")
            ids = [str(one) for (one,) in found]
            assert len(ids) == len(set(ids)) == numbers(gateway)
            assert sender.acknowledged <= set(ids) <= sender.sent
            served = {one for (one,) in ask(dsn, "SELECT partition FROM log_partitions WHERE served > 0")}
            names = Pseudonyms((first.data / "pseudonym.key").read_bytes())
            partitions = {partition_of(names.of(student), PARTITIONS) for student in STUDENTS}
            assert served == partitions | {0}
            assert len(partitions) > 2
            for server in (first, second):
                wait_until(lambda: refusals(server) == ["unstorable"], 60)  # noqa: B023
        finally:
            several.end()


def refusals(server: Platform) -> list[str]:
    letters = server.http.get("/v1/dead-letters").raise_for_status().json()["letters"]
    return [letter["reason"] for letter in letters]

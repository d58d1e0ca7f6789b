"""Writing records: acknowledged by the brokers or refused, and in the order in which they were handed over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeAlias

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from coursepulse.kit.errors import LogFull
from coursepulse.log.kafka.client import PATIENCE, Config, explain
from coursepulse.log.kafka.topics import MOST_BYTES

#: Told of each record: the error, or the message with its offset.
Told: TypeAlias = Callable[[KafkaError | None, Message], None]

#: Seconds that the thread which hears of acknowledgements sleeps at most.
_TURN = 0.1

_FULL = "The brokers do not keep up."
_CLOSED = "The event log is closed."

_WRITING: Config = {
    "acks": "all",
    "enable.idempotence": True,
    # Records that come within this time share a request and a compressed batch.
    "linger.ms": 5,
    "compression.type": "zstd",
    "compression.level": 1,
    "message.max.bytes": MOST_BYTES,
    "queue.buffering.max.messages": 500_000,
    "queue.buffering.max.kbytes": 262_144,
}


class Writer:
    """A producer, and the thread in which it says what became of records.

    :param patience: seconds after which a record that no broker has acknowledged is given up
    """

    def __init__(self, config: Config, patience: float) -> None:
        self._config: Config = {**config, **_WRITING, "delivery.timeout.ms": int(patience * 1000)}
        self._producer, self._retired = self._open(), list[Producer]()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="kafka-writer", daemon=True)
        self._thread.start()

    def send(self, topic: str, partition: int, key: bytes, value: bytes | None, told: Told) -> None:
        """Hand a record over.

        :raises LogFull: when it is not even taken
        """
        if self._closing.is_set():
            raise LogFull(_CLOSED)
        try:
            self._producer.produce(topic, value, key, partition, told)
        except BufferError:
            raise LogFull(_FULL) from None
        except KafkaException as error:
            raise LogFull(f"Kafka: {explain(error)}.") from error

    def write(self, topic: str, partition: int, key: bytes, value: bytes | None) -> Future[int]:
        """Write one record; the result is its offset."""
        done: Future[int] = Future()
        done.set_running_or_notify_cancel()

        def tell(error: KafkaError | None, message: Message) -> None:
            if error is None:
                done.set_result(message.offset() or 0)
            else:
                done.set_exception(LogFull(f"Kafka: {error.str()}."))

        self.send(topic, partition, key, value, tell)
        return done

    def give_up(self) -> None:
        """Refuse what was not sent to a broker yet."""
        self._producer.purge(in_queue=True, in_flight=False)

    def close(self) -> None:
        """Write what was handed over, as far as the brokers take it, then end."""
        self._closing.set()
        if self._producer.flush(PATIENCE):
            self._producer.purge()
            self._producer.flush(1.0)
        self._thread.join()

    def _open(self) -> Producer:
        return Producer({**self._config, "error_cb": self._note})

    def _note(self, error: KafkaError) -> None:
        """After an error that it cannot get over, a producer takes nothing more; another one begins."""
        if error.fatal():
            before, self._producer = self._producer, self._open()
            self._retired.append(before)
            before.purge()

    def _listen(self) -> None:
        while not self._closing.is_set():
            with suppress(KafkaException):
                self._producer.poll(_TURN)
            for retired in self._retired:
                retired.poll(0)

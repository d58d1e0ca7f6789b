"""Where the partitions of a topic begin and end.

Questions go through a consumer that never reads: behind one that reads, an answer waits for the next records. The admin
client is asked only what it alone knows, because it ends the process when brokers vanish in the middle of some answers.
"""

from __future__ import annotations

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from coursepulse.kit.errors import StoreUnavailable
from coursepulse.log.kafka.client import PATIENCE, Config, asking

#: Seconds for the brokers to answer; the question can be asked again.
_PATIENCE = 3.0


class TopicOffsets:
    """The offsets of one topic."""

    def __init__(self, config: Config, admin: AdminClient, topic: str, partitions: int) -> None:
        self._admin, self._topic = admin, topic
        self._partitions = range(partitions)
        self._consumer = Consumer({**config, "group.id": f"{topic}-reader", "enable.auto.commit": False})

    def bounds(self, partition: int) -> tuple[int, int]:
        """The offset of the oldest record of a partition, and that behind the newest."""
        place = TopicPartition(self._topic, partition)
        with asking("offsets"):
            found = self._consumer.get_watermark_offsets(place, _PATIENCE)
        if min(found) < 0:
            raise StoreUnavailable("Kafka: offsets: no answer in time.")
        return int(found[0]), int(found[1])

    def all_bounds(self) -> dict[int, tuple[int, int]]:
        """The same of every partition."""
        return {partition: self.bounds(partition) for partition in self._partitions}

    def appended_since(self, moment_ms: int) -> dict[int, int]:
        """The offset of the first record since a moment, of each partition that has one."""
        places = [TopicPartition(self._topic, partition, moment_ms) for partition in self._partitions]
        with asking("offsets by time"):
            found = self._consumer.offsets_for_times(places, PATIENCE)
        return {each.partition: each.offset for each in found if each.offset >= 0}

    def drop(self, befores: dict[int, int]) -> None:
        """Let go of every record before an offset, in each of these partitions."""
        places = [TopicPartition(self._topic, partition, before) for partition, before in befores.items()]
        with asking("dropping records"):
            for done in self._admin.delete_records(places).values():
                done.result(PATIENCE)

    def close(self) -> None:
        """Give the connection up."""
        self._consumer.close()

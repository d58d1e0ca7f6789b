"""How far groups have come. The brokers keep it as offsets of consumer groups, which every tool for Kafka shows."""

from __future__ import annotations

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from coursepulse.kit.errors import StoreUnavailable
from coursepulse.log.kafka.client import PATIENCE, asking

_BEGINNING, _END = OffsetSpec.earliest(), OffsetSpec.latest()


class Groups:
    """The offsets of one topic: where its partitions begin and end, and what each group has finished."""

    def __init__(self, admin: AdminClient, topic: str, partitions: int) -> None:
        self._admin, self._topic = admin, topic
        self._partitions = range(partitions)

    def finished(self, group: str) -> dict[int, int]:
        """The offset behind what a group has finished, of each partition of which it has."""
        asked = ConsumerGroupTopicPartitions(self._name(group), self._all())
        with asking("offsets of a group"):
            found = self._admin.list_consumer_group_offsets([asked])[asked.group_id].result(PATIENCE)
        return {each.partition: each.offset for each in found.topic_partitions if each.offset >= 0}

    def finish(self, group: str, partition: int, offset: int) -> None:
        """Remember that a group has finished everything before an offset."""
        place = TopicPartition(self._topic, partition, offset)
        asked = ConsumerGroupTopicPartitions(self._name(group), [place])
        with asking("offset of a group"):
            found = self._admin.alter_consumer_group_offsets([asked])[asked.group_id].result(PATIENCE)
        for each in found.topic_partitions:
            if each.error:
                raise StoreUnavailable(f"Kafka: offset of a group: {each.error.str()}.")

    def bounds(self, partition: int) -> tuple[int, int]:
        """The offset of the oldest record of a partition, and that behind the newest."""
        place = TopicPartition(self._topic, partition)
        with asking("offsets"):
            asked = [self._admin.list_offsets({place: which})[place] for which in (_BEGINNING, _END)]
            begin, end = (done.result(PATIENCE).offset for done in asked)
        return begin, end

    def begins(self) -> dict[int, int]:
        """The offset of the oldest record of each partition."""
        return self._find(_BEGINNING)

    def ends(self) -> dict[int, int]:
        """The offset behind the newest record of each partition."""
        return self._find(_END)

    def appended_since(self, moment_ms: int) -> dict[int, int]:
        """The offset of the first record since a moment, of each partition that has one."""
        return {
            p: offset for p, offset in self._find(OffsetSpec.for_timestamp(moment_ms)).items() if offset >= 0
        }

    def drop(self, befores: dict[int, int]) -> None:
        """Let go of every record before an offset, in each of these partitions."""
        places = [TopicPartition(self._topic, partition, before) for partition, before in befores.items()]
        with asking("dropping records"):
            for done in self._admin.delete_records(places).values():
                done.result(PATIENCE)

    def _find(self, which: OffsetSpec) -> dict[int, int]:
        with asking("offsets"):
            asked = self._admin.list_offsets(dict.fromkeys(self._all(), which))
            return {place.partition: done.result(PATIENCE).offset for place, done in asked.items()}

    def _all(self) -> list[TopicPartition]:
        return [TopicPartition(self._topic, partition) for partition in self._partitions]

    def _name(self, group: str) -> str:
        return f"{self._topic}-{group}"

"""Stream processors in Apache Flink: one keyed function around :class:`StudentProcessors`, exactly once.

Nothing of Flink is imported before a job is put together: the server knows it only by the topics between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from coursepulse.kit.clock import MILLISECOND, Micros
from coursepulse.stream.feed import student_of
from coursepulse.stream.runners.student import EngineAnswer, StudentProcessors

#: Where the connector keeps the classes of Kafka's own client.
_SERIALIZERS = "org.apache.flink.kafka.shaded.org.apache.kafka.common.serialization"

#: Milliseconds after which the brokers give up a transaction: longer than Flink may be away between two checkpoints,
#: and within what brokers allow.
_TRANSACTION_MS = 600_000


class FlinkJob(NamedTuple):
    """What to run, and between which topics.

    :param connector: the file of the Kafka connector
    :param partitions: of the feed
    :param kafka: further settings of Kafka's clients, such as those of a secure connection
    :param processors: makes the processors, on the machine that runs them
    """

    name: str
    connector: str
    brokers: str
    feed: str
    outputs: str
    partitions: int
    kafka: Mapping[str, str]
    processors: Callable[[], StudentProcessors]


def to_alarm(moment: Micros) -> int:
    """The first millisecond by which a moment has come."""
    return -(-moment // MILLISECOND)


def run_job(job: FlinkJob) -> None:
    """Submit a job, from the Python process that Flink's own command starts."""
    from pyflink.common import Configuration, Types, WatermarkStrategy  # noqa: PLC0415
    from pyflink.datastream import StreamExecutionEnvironment  # noqa: PLC0415

    configuration = Configuration()
    # Python inside the task manager: in a process of its own every event crosses a socket twice.
    configuration.set_string("python.execution-mode", "thread")
    environment = StreamExecutionEnvironment.get_execution_environment(configuration)
    environment.add_jars(f"file://{job.connector}")
    raw, key = Types.PRIMITIVE_ARRAY(Types.BYTE()), Types.PICKLED_BYTE_ARRAY()
    # A source task without a partition would hold back time for everybody, and no partition may be left out: what
    # waits in the partition of a pipeline that stands still is no silence.
    readers = min(job.partitions, environment.get_parallelism())
    stream = environment.from_source(
        _open_source(job), WatermarkStrategy.for_monotonous_timestamps(), "feed", type_info=raw
    )
    (
        stream.uid("feed").set_parallelism(readers)
        .key_by(student_of, key_type=key)
        .process(_make_function(job.processors), output_type=raw).uid("processors").name("processors")
        .sink_to(_open_sink(job)).uid("outputs").name("outputs")
    )  # fmt: skip
    environment.execute(job.name)


def _make_function(make: Callable[[], StudentProcessors]) -> Any:
    from pyflink.common import Types  # noqa: PLC0415
    from pyflink.datastream import KeyedProcessFunction  # noqa: PLC0415
    from pyflink.datastream.state import MapStateDescriptor, ValueStateDescriptor  # noqa: PLC0415

    class StudentFunction(KeyedProcessFunction):  # type: ignore[misc]
        """Hands records, timers and states on."""

        def open(self, context: Any) -> None:
            kind = MapStateDescriptor("states", Types.STRING(), Types.PICKLED_BYTE_ARRAY())
            self._kept, self._processors = context.get_map_state(kind), make()
            self._alarm = context.get_state(ValueStateDescriptor("alarm", Types.LONG()))

        def process_element(self, body: bytes, context: Any) -> Iterator[bytes]:
            return self._tell(self._processors.take(body, self._kept), context)

        def on_timer(self, moment: int, context: Any) -> Iterator[bytes]:
            at = moment * MILLISECOND
            return self._tell(self._processors.ring(context.get_current_key(), at, self._kept), context)

        def _tell(self, answer: EngineAnswer, context: Any) -> Iterator[bytes]:
            self._set(None if answer.alarm is None else to_alarm(answer.alarm), context.timer_service())
            if answer.said is not None:
                yield answer.said

        def _set(self, alarm: int | None, timers: Any) -> None:
            # One timer for each student, and none for one who is forgotten: a timer is kept with its key.
            before = self._alarm.value()
            if alarm == before:
                return
            if before is not None:
                timers.delete_event_time_timer(before)
            if alarm is None:
                self._alarm.clear()
            else:
                timers.register_event_time_timer(alarm)
                self._alarm.update(alarm)

    return StudentFunction()


def _open_source(job: FlinkJob) -> Any:
    from pyflink.datastream.connectors.kafka import KafkaOffsetsInitializer, KafkaSource  # noqa: PLC0415
    from pyflink.java_gateway import get_gateway  # noqa: PLC0415

    java = get_gateway().jvm
    builder = (
        KafkaSource.builder()
        .set_bootstrap_servers(job.brokers)
        .set_topics(job.feed)
        .set_group_id(job.name)
        .set_starting_offsets(KafkaOffsetsInitializer.earliest())
        .set_property("isolation.level", "read_committed")
    )
    for name, value in job.kafka.items():
        builder.set_property(name, value)
    schemas = java.org.apache.flink.connector.kafka.source.reader.deserializer
    # PyFlink itself offers texts only.
    builder._j_builder.setDeserializer(
        schemas.KafkaRecordDeserializationSchema.valueOnly(_find_class(java, "ByteArrayDeserializer"))
    )
    return builder.build()


def _open_sink(job: FlinkJob) -> Any:
    from pyflink.datastream.connectors.base import DeliveryGuarantee  # noqa: PLC0415
    from pyflink.datastream.connectors.kafka import KafkaRecordSerializationSchema, KafkaSink  # noqa: PLC0415
    from pyflink.java_gateway import get_gateway  # noqa: PLC0415

    java = get_gateway().jvm
    schema = java.org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema.builder()
    schema = schema.setTopic(job.outputs).setKafkaValueSerializer(_find_class(java, "ByteArraySerializer"))
    builder = (
        KafkaSink.builder()
        .set_bootstrap_servers(job.brokers)
        .set_record_serializer(KafkaRecordSerializationSchema(schema.build()))
        .set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .set_transactional_id_prefix(job.name)
        .set_property("transaction.timeout.ms", str(_TRANSACTION_MS))
    )
    for name, value in job.kafka.items():
        builder.set_property(name, value)
    return builder.build()


def _find_class(java: Any, name: str) -> Any:
    loader = java.Thread.currentThread().getContextClassLoader()
    return java.java.lang.Class.forName(f"{_SERIALIZERS}.{name}", True, loader)

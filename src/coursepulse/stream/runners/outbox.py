"""What sinks have still to be told: they may be away for a while."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from coursepulse.kit.clock import Micros
from coursepulse.stream.processor import Changes, Output, OutputSink


class Outbox:
    """Changes on the way to sinks. What a sink does not take is told again, together with what came after it."""

    def __init__(self, sinks: Sequence[OutputSink]) -> None:
        self._sinks = [(sink, frozenset(sink.kinds)) for sink in sinks]
        self._put: dict[bytes, Output] = {}
        self._withdrawn: dict[bytes, str] = {}

    def add(self, before: Iterable[Output], after: Iterable[Output], horizon: Micros) -> None:
        """Note what has changed of the outputs of a key.

        :param horizon: an output that has gone and depends on nothing later is final
        """
        told = {output.output_id: output for output in before}
        for output in after:
            if told.pop(output.output_id, None) != output:
                self._put[output.output_id] = output
                self._withdrawn.pop(output.output_id, None)
        for output_id, output in told.items():
            if output.until >= horizon:
                self._put.pop(output_id, None)
                self._withdrawn[output_id] = output.kind

    def send(self) -> None:
        """Tell every sink what concerns it.

        :raises StoreUnavailable: from a sink; the next call tells it all again
        """
        if not self._put and not self._withdrawn:
            return
        for sink, kinds in self._sinks:
            put = [output for output in self._put.values() if output.kind in kinds]
            gone = sorted(output_id for output_id, kind in self._withdrawn.items() if kind in kinds)
            if put or gone:
                sink.apply(Changes(put, gone))
        self._put, self._withdrawn = {}, {}

    def reconcile(self, outputs: Collection[Output], now: Micros) -> None:
        """Tell every sink all that may still change.

        :raises StoreUnavailable: from a sink
        """
        for sink, kinds in self._sinks:
            sink.reconcile([output for output in outputs if output.kind in kinds], now)

"""Traces: where a request or a batch spent its time, sent to an OpenTelemetry collector when a setting names one.

A span has the name of a step and its times. It says nothing about what the step worked on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from coursepulse.kit.errors import SettingError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

#: Seconds for the collector to take a batch; at a stop, what it has not taken by then is lost.
_PATIENCE = 2.0

#: What sends spans: None unless the settings name a collector.
_tracer: Tracer | None = None


class Tracer:
    """Makes spans of a stopwatch's times, which count nanoseconds from any moment."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider, self._made = provider, provider.get_tracer("coursepulse")
        self._since_epoch = time.time_ns() - time.perf_counter_ns()

    def open(self, name: str, at: int) -> Span:
        """A span that others go under, to be closed."""
        return self._made.start_span(name, start_time=at + self._since_epoch)

    def add(self, above: Span, name: str, began: int, ended: int) -> None:
        """One that is over."""
        from opentelemetry.trace import set_span_in_context  # noqa: PLC0415 - an optional extra

        below = set_span_in_context(above)
        span = self._made.start_span(name, context=below, start_time=began + self._since_epoch)
        span.end(ended + self._since_epoch)

    def close(self, span: Span, at: int) -> None:
        """It ends."""
        span.end(at + self._since_epoch)

    def flush(self) -> None:
        """Send what is waiting."""
        self._provider.force_flush(int(_PATIENCE * 1000))

    def stop(self) -> None:
        """Send what is waiting, and no more."""
        self._provider.shutdown()


def current() -> Tracer | None:
    """What sends spans now."""
    return _tracer


def use(tracer: Tracer | None) -> None:
    """From now on, send spans with this, or send none."""
    global _tracer  # noqa: PLW0603 - one for the process, as the log has one
    _tracer = tracer


class Tracing:
    """Sends the spans of a process from :meth:`start` to :meth:`stop`, if a collector is named.

    :param url: such as ``http://127.0.0.1:4318/v1/traces``; empty for none
    :param process: which one of the server's it is
    """

    def __init__(self, url: str, process: str) -> None:
        self._url, self._process = url, process

    def start(self) -> None:
        """From now on.

        :raises SettingError: for an address that is none, or when the extra ``traces`` is not installed
        """
        if self._url:
            use(open_tracer(self._url, self._process))

    def stop(self) -> None:
        """Send what is waiting, and no more."""
        tracer = current()
        use(None)
        if tracer:
            tracer.stop()


def open_tracer(url: str, process: str) -> Tracer:
    """What sends the spans of a process to the collector at ``url``, in the background and in batches.

    :raises SettingError: for an address that is none, or when the extra ``traces`` is not installed
    """
    if not url.startswith(("http://", "https://")):
        raise SettingError("COURSEPULSE_TRACES must look like http://127.0.0.1:4318/v1/traces.")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise SettingError("COURSEPULSE_TRACES needs: pip install 'coursepulse[traces]'.") from None
    resource = Resource.create({"service.name": "coursepulse", "service.instance.id": process})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=_PATIENCE)))
    return Tracer(provider)

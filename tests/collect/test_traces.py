"""Traces: spans with the names of the steps, sent if a setting says where to, and nothing about anybody."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from coursepulse.collect.stats import Stats
from coursepulse.collect.steps import STEPS
from coursepulse.kit import traces
from coursepulse.kit.errors import SettingError
from coursepulse.kit.traces import Tracer, Tracing
from coursepulse.web.http.connections import bounded
from coursepulse.web.http.server import bind, make_server
from tests.collect.harness import CollectorHarness, event


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    """What was sent while a tracer is in use."""
    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = Tracer(provider)
    traces.use(tracer)
    yield memory
    traces.use(None)
    tracer.stop()


def below(spans: tuple[ReadableSpan, ...], name: str) -> list[ReadableSpan]:
    """The spans under the only one of this name, in the order in which they began."""
    (above,) = [span for span in spans if span.name == name]
    assert above.context
    found = [span for span in spans if span.parent and span.parent.span_id == above.context.span_id]
    return sorted(found, key=lambda span: span.start_time or 0)


def test_a_request_is_a_trace_of_its_steps(
    collector: CollectorHarness, exporter: InMemorySpanExporter
) -> None:
    collector.send(event())
    spans = exporter.get_finished_spans()
    assert [span.name for span in below(spans, "admit")] == ["authenticate"]
    steps = below(spans, "ingest")
    assert [span.name for span in steps] == [*(step.__name__ for step in STEPS), "append"]
    assert all((span.end_time or 0) >= (span.start_time or 0) for span in steps)
    # Names and times are all there is: no span can say whose event it was.
    assert not any(span.attributes or span.events for span in spans)


def test_a_step_that_an_error_ends_closes_its_trace(exporter: InMemorySpanExporter) -> None:
    def work() -> None:
        with Stats("ingest").start() as laps:
            laps.end("decode")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert [span.name for span in below(exporter.get_finished_spans(), "ingest")] == ["decode"]


def test_without_a_tracer_steps_are_counted_alone(collector: CollectorHarness) -> None:
    assert traces.current() is None
    collector.send(event())
    assert collector.collector.report().steps["append"].calls == 1


class _Receiver(HTTPServer):
    """Takes traces by OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[tuple[str, bytes]] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Receiver

    def do_POST(self) -> None:
        """Keep the body."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append((self.path, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def receiver() -> Iterator[_Receiver]:
    """A receiver on a free port."""
    server = _Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_is_waiting_is_sent_at_the_end(collector: CollectorHarness) -> None:
    with receiver() as server:
        tracing = Tracing(f"http://127.0.0.1:{server.server_port}/v1/traces", "server")
        tracing.start()
        try:
            collector.send(event())
        finally:
            tracing.stop()
        assert traces.current() is None
        names = set()
        for path, body in server.bodies:
            assert path == "/v1/traces"
            assert b"ann" not in body
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                names |= {span.name for scope in resource.scope_spans for span in scope.spans}
    assert names >= {"admit", "ingest", "decode", "append"}


def test_a_server_that_ends_sends_what_is_waiting(collector: CollectorHarness) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Answer nothing but the beginning and the end."""
        for what in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{what}.complete"})

    with receiver() as target, bind("127.0.0.1", 0) as listener:
        tracing = Tracing(f"http://127.0.0.1:{target.server_port}/v1/traces", "server")
        tracing.start()
        try:
            collector.send(event())
            protocol = bounded(1_000, collector.settings)
            server = make_server(app, protocol, lambda: setattr(server, "should_exit", True))
            server.run(sockets=[listener])
            assert target.bodies
        finally:
            tracing.stop()


def test_a_wrong_address_is_said_in_one_line() -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_TRACES must look like"):
        Tracing("127.0.0.1:4318", "server").start()


def test_without_the_extra_the_setting_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(SettingError, match=r"coursepulse\[traces\]"):
        Tracing("http://127.0.0.1:4318/v1/traces", "server").start()


def test_no_setting_is_no_tracer() -> None:
    tracing = Tracing("", "server")
    tracing.start()
    assert traces.current() is None
    tracing.stop()

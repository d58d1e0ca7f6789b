"""ClickHouse over HTTP, for benchmarks and tests: one embedded engine behind the address that a server would have.

Run as a program (``python -m coursepulse.bench.gateway FOLDER PORT``): an engine opens one folder in the life of a
process. It speaks as much of the interface as ``clickhouse-connect`` uses, says no as a server does (status, code and
text of an error, names and passwords, one query at a time in a session), and begins every request from the defaults of
a server.
"""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import chdb
import lz4.frame
import zstandard

USER, PASSWORD = "coursepulse", "a password"

#: What the engine may use, about as our own store has it.
_OPTIONS = {
    "max_threads": 2,
    "max_server_memory_usage": 512 << 20,
    "background_pool_size": 2,
    "background_merges_mutations_concurrency_ratio": 16,
}

#: Defaults of servers of the last years that differ from those of the embedded engine.
_SERVER_DEFAULTS = {"mutations_sync": "0", "implicit_select": "0", "max_query_size": "262144"}

#: Parameters of a request that are no settings.
_OF_THE_REQUEST = {
    *("database", "query", "session_id", "query_id", "wait_end_of_query", "client_protocol_version"),
    *("send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression"),
}

_INSERT = re.compile(rb"\s*INSERT INTO .+? FORMAT (\w+)\s*?\n", re.IGNORECASE | re.DOTALL)

_STATUS = {60: 404, 81: 404, 62: 400, 47: 404, 516: 403, 373: 500}


#: What a node of a cluster with one shard knows; the engine takes the shard for itself by its port.
_CLUSTER = """<clickhouse>
  <tcp_port>9000</tcp_port>
  <remote_servers><campus><shard>
    <internal_replication>true</internal_replication>
    <replica><host>127.0.0.1</host><port>9000</port></replica>
  </shard></campus></remote_servers>
  <macros><shard>1</shard><replica>a</replica></macros>
</clickhouse>
"""

#: The engine has neither Keeper nor peers: of a cluster it can do what is left without these words.
_WITHOUT_PEERS = (
    (re.compile(rb" ON CLUSTER campus\b"), b""),
    (re.compile(rb"\bReplicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?"), rb"\1("),
)


#: Bytes that a field of a form may have (``http_max_field_value_size``).
_LONGEST_FIELD = 128 * 1024


class StatementRefused(Exception):
    """An error as ClickHouse words it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"Code: {code}. DB::Exception: {text}")


class GatewayEngine:
    """Requests as statements; each has a connection, and with it settings, of its own."""

    def __init__(self, folder: Path, *, cluster: bool = False) -> None:
        self._address, self._cluster = f"{folder}?{urlencode(_OPTIONS)}", cluster
        if cluster:
            config = folder / "cluster.xml"
            config.write_text(_CLUSTER, "utf-8")
            self._address += f"&config-file={config}"
        self._connect = cast(Callable[[str], Any], chdb.connect)
        self._alive = self._connect(self._address)
        self._sessions: set[str] = set()
        self._lock = threading.Lock()

    def answer(self, params: dict[str, str], body: bytes) -> bytes:
        """The bytes that the statement of a request gives."""
        with self._session(params.get("session_id")):
            connection = self._connect(self._address)
            try:
                self._prepare(connection, params)
                return self._run(connection, params, body)
            finally:
                connection.close()

    @contextmanager
    def _session(self, name: str | None) -> Iterator[None]:
        with self._lock:
            if name in self._sessions:
                raise StatementRefused(
                    373, f"Session {name} is locked by a concurrent client. (SESSION_IS_LOCKED)"
                )
            if name:
                self._sessions.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._sessions.discard(name or "")

    def _prepare(self, connection: Any, params: dict[str, str]) -> None:
        connection.query(f"USE `{params.get('database', 'default')}`")
        chosen = {k: v for k, v in params.items() if k not in _OF_THE_REQUEST and not k.startswith("param_")}
        if self._cluster:
            chosen.pop("prefer_localhost_replica", None)  # there is nobody else
        for name, value in (_SERVER_DEFAULTS | chosen).items():
            connection.query(f"SET {name} = '{value}'")

    def _run(self, connection: Any, params: dict[str, str], body: bytes) -> bytes:
        statement = params.get("query", "").encode()
        text = statement + b"\n" + body if statement else body
        text = without_peers(text) if self._cluster else text
        values = {name.removeprefix("param_"): v for name, v in params.items() if name.startswith("param_")}
        inserted = _INSERT.match(text)
        if inserted and text[inserted.end() :].strip():
            with tempfile.NamedTemporaryFile() as file:
                file.write(text[inserted.end() :])
                file.flush()
                head = inserted[0].decode().strip().removesuffix(f"FORMAT {inserted[1].decode()}")
                text = f"{head} FROM INFILE '{file.name}' FORMAT {inserted[1].decode()}".encode()
                return bytes(connection.query(text.decode(), "TabSeparated").bytes())
        return bytes(connection.query(text.decode(), "TabSeparated", params=values).bytes())


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    engine: GatewayEngine

    def do_GET(self) -> None:
        """Ping, and statements without a body."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Everything else."""
        self._answer(_unpack(self._body(), self.headers.get("Content-Encoding", "")))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server calls
        """Say nothing."""

    def _answer(self, body: bytes) -> None:
        try:
            self._check()
            params = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            kind = self.headers.get("Content-Type", "")
            if kind.startswith("multipart/form-data"):
                params, body = params | _read_form(kind, body), b""
            self._reply(200, self.engine.answer(params, body))
        except (StatementRefused, RuntimeError) as error:
            text = str(error)[str(error).find("Code: ") :]
            found = re.match(r"Code: (\d+)", text)
            code = int(found[1]) if found else 1002
            self._reply(_STATUS.get(code, 500), text.encode(), {"X-ClickHouse-Exception-Code": str(code)})

    def _check(self) -> None:
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            raise StatementRefused(
                516, "Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)"
            )

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"X-ClickHouse-Timezone": "UTC", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def without_peers(text: bytes) -> bytes:
    """A statement for a cluster as a node runs it that is alone."""
    for words, instead in _WITHOUT_PEERS:
        text = words.sub(instead, text)
    return text


def _read_form(kind: str, body: bytes) -> dict[str, str]:
    """The fields of a form: where parameters travel that are too long for an address."""
    form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    fields = {}
    for part in cast(list[Any], form.get_payload()):
        value = part.get_payload(decode=True)
        if len(value) > _LONGEST_FIELD:
            raise StatementRefused(
                1000, "Poco::Exception. HTML Form Exception: Field value too long (POCO_EXCEPTION)"
            )
        fields[part.get_param("name", header="Content-Disposition")] = value.decode()
    return fields


def _unpack(body: bytes, encoding: str) -> bytes:
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    if encoding == "lz4":
        return bytes(lz4.frame.decompress(body))
    return body


class Gateway:
    """The program, started and stopped as a server would be, always on the same port."""

    def __init__(self, folder: Path, *, cluster: bool = False) -> None:
        self._folder, self._port, self._cluster = folder, 0, cluster
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Return when it listens."""
        command = [sys.executable, "-m", "coursepulse.bench.gateway", str(self._folder), str(self._port)]
        command += ["cluster"] if self._cluster else []
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout  # noqa: S101 - we asked for a pipe
        with self._process.stdout as said:
            self._port = int(said.readline())

    def stop(self) -> None:
        """As if the machine had gone."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def pid(self) -> int:
        """The process id of the running program."""
        return self._process.pid if self._process else 0

    def url(self, database: str = "default", password: str = PASSWORD) -> str:
        """What ``COURSEPULSE_CLICKHOUSE`` would be."""
        return f"http://{USER}:{password.replace(' ', '%20')}@127.0.0.1:{self._port}/{database}"


def serve(folder: Path, port: int, *, cluster: bool) -> None:
    """Answer until killed, or until the parent process ends."""
    Handler.engine = GatewayEngine(folder, cluster=cluster)
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    parent = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[1]
    while Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[1] == parent:
        time.sleep(1)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), cluster="cluster" in sys.argv[3:])

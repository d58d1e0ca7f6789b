"""``coursepulse demo``: a simulated campus, loaded once and then still clicking."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.panel import Panel

from coursepulse.access.accounts import ROLES
from coursepulse.cli.asking import ask_json
from coursepulse.kit.settings import Settings
from coursepulse.simulator.learner import FAMOUS
from coursepulse.simulator.teacher import FAMOUS_TEACHERS
from coursepulse.wiring.server import run_server
from coursepulse.wiring.serving import Server, local_key

#: Whom of the campus the demo's accounts stand for.
PEOPLE = {"student": FAMOUS[0].external_id, "instructor": next(iter(FAMOUS_TEACHERS))}

#: Events that the pipeline takes at a time at the most: all processes together stay below 1.5 GiB while the campus is
#: loaded, 0.2 GiB less than with what suits a server.
_BATCH = 20_000


class Campus(msgspec.Struct, frozen=True):
    """What the demo's data directory holds; the same numbers make the same campus again.

    :param now: end of the simulated history, ISO 8601
    """

    students: int
    courses: int
    days: int
    now: str
    loaded: bool = False


def run(settings: Settings, students: int, courses: int, days: int, rate: float) -> None:
    """Serve until Ctrl-C; load the campus first unless it is there."""
    console = Console()
    campus = _recall(settings.data) or Campus(students, courses, days, datetime.now(UTC).isoformat())
    sender: list[subprocess.Popen[bytes]] = []
    settings = msgspec.structs.replace(
        settings,
        demo_password=settings.demo_password or secrets.token_urlsafe(9),
        batch_events=min(settings.batch_events, _BATCH),
    )

    def ready(url: str) -> None:
        _remember(settings.data, campus)
        console.print(_welcome(url, campus, settings.demo_password))
        threading.Thread(target=_send, args=(settings, url, campus, rate, sender), daemon=True).start()

    console.print("Starting PostgreSQL, ClickHouse and the server …")
    try:
        run_server(settings, ready=ready)
    finally:
        for process in sender:
            process.terminate()
            process.wait()


def _send(
    settings: Settings, url: str, campus: Campus, rate: float, sender: list[subprocess.Popen[bytes]]
) -> None:
    """Run the simulator in a process of its own, so that it takes no time from the server's."""
    _introduce(Server(url, local_key(settings.data)))
    if not campus.loaded:
        process = _simulate(settings, url, campus, "--rate", "0")
        sender.append(process)
        if process.wait() != 0:
            return
        _remember(settings.data, msgspec.structs.replace(campus, loaded=True))
        Console().print("The campus is loaded. Students go on clicking; Ctrl-C ends the demo.")
    clicking = _simulate(settings, url, campus, "--no-history", "--rate", str(rate))
    sender.append(clicking)
    clicking.wait()  # the child would end with the thread that started it


def _introduce(server: Server) -> None:
    """Tell the demo's accounts who they are on this campus."""
    for login_name, person in PEOPLE.items():
        ask_json(server, "PATCH", f"/v1/accounts/{login_name}", {"person": person})


def _simulate(settings: Settings, url: str, campus: Campus, *options: str) -> subprocess.Popen[bytes]:
    numbers = {"students": campus.students, "courses": campus.courses, "days": campus.days, "now": campus.now}
    arguments = [text for name, value in numbers.items() for text in (f"--{name}", str(value))]
    program = ["/usr/bin/setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "coursepulse"]
    return subprocess.Popen(
        [*program, "simulate", "--url", url, *arguments, *options],
        env=os.environ | {"COURSEPULSE_KEY": local_key(settings.data)},
        stdin=subprocess.DEVNULL,
    )


def _recall(data: Path) -> Campus | None:
    try:
        return msgspec.json.decode((data / "demo.json").read_bytes(), type=Campus)
    except (OSError, msgspec.DecodeError):
        return None


def _remember(data: Path, campus: Campus) -> None:
    draft = data / "demo.json.new"
    draft.write_bytes(msgspec.json.encode(campus))
    draft.replace(data / "demo.json")


def _welcome(url: str, campus: Campus, password: str) -> Panel:
    return Panel(
        f"Platform    {url}/\nEvents      POST {url}/v1/events\nReference   {url}/docs\n"
        f"Accounts    {', '.join(ROLES)}\nPassword    {password}\n"
        f"{campus.students:,} students, {campus.courses} courses, {campus.days} days"
        + ("" if campus.loaded else " are being sent through the door now"),
        title="coursepulse demo",
        expand=False,
    )

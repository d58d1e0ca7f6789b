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
from coursepulse.cli.simulate import check_size
from coursepulse.client.local_server import Server, local_key
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.simulator.company import MANAGER
from coursepulse.simulator.learner import FAMOUS
from coursepulse.simulator.teacher import FAMOUS_TEACHERS
from coursepulse.wiring.server import run_server

#: The people of the campus that the demo's accounts stand for.
PEOPLE = {
    "student": FAMOUS[0].external_id,
    "instructor": next(iter(FAMOUS_TEACHERS)),
    "manager": MANAGER.external_id,
}

#: Students, courses and days of history, where nobody says otherwise.
USUAL = (2000, 60, 60)

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


def run(settings: Settings, students: int | None, courses: int | None, days: int | None, rate: float) -> None:
    """Serve until Ctrl-C; load the campus first unless it is there.

    :param students: None, like the other numbers, for those of the campus that is there, else the usual ones
    :raises SettingError: when there cannot be such a campus, or another one is there
    """
    console = Console()
    campus = choose_campus(settings.data, students, courses, days)
    sender: list[subprocess.Popen[bytes]] = []
    settings = msgspec.structs.replace(
        settings,
        demo_password=settings.demo_password or secrets.token_urlsafe(9),
        batch_events=min(settings.batch_events, _BATCH),
    )

    def ready(url: str, _: str) -> None:
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


def choose_campus(data: Path, students: int | None, courses: int | None, days: int | None) -> Campus:
    """The campus that a data directory holds, or a new one of these numbers.

    :raises SettingError: when there cannot be such a campus, or another one is there
    """
    there = _recall(data)
    usual = there or Campus(*USUAL, now=datetime.now(UTC).isoformat())
    wanted = Campus(
        usual.students if students is None else students,
        usual.courses if courses is None else courses,
        usual.days if days is None else days,
        usual.now,
        usual.loaded,
    )
    check_size(wanted.students, wanted.courses, wanted.days)
    if there and wanted != there:
        raise SettingError(
            f"{data} holds {_count(there)}. Leave the numbers out to show it; "
            "for another campus choose another --data, or `make clean` first."
        )
    return wanted


def _count(campus: Campus) -> str:
    return f"{campus.students:,} students in {campus.courses:,} courses over {campus.days:,} days"


def _send(
    settings: Settings, url: str, campus: Campus, rate: float, sender: list[subprocess.Popen[bytes]]
) -> None:
    """Run the simulator in a process of its own, so that it takes no time from the server's."""
    introduce(Server(url, local_key(settings.data)))
    if not campus.loaded:
        process = _simulate(
            settings, url, campus, "--rate", "0", "--truth", str(settings.data / "truth.json")
        )
        sender.append(process)
        if process.wait() != 0:
            return
        _remember(settings.data, msgspec.structs.replace(campus, loaded=True))
        Console().print("The campus is loaded. Students go on clicking; Ctrl-C ends the demo.")
    clicking = _simulate(settings, url, campus, "--no-history", "--rate", str(rate))
    sender.append(clicking)
    clicking.wait()  # the child would end with the thread that started it


def introduce(server: Server) -> None:
    """Tell the demonstration accounts who they are on a simulated campus.

    :param server: with a key of an administrator
    """
    for login_name, person in PEOPLE.items():
        ask_json(
            server,
            "PATCH",
            f"/v1/accounts/{login_name}",
            {"person": person, "reason": "The students of the demo are simulated."},
        )


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
        + _count(campus)
        + ("" if campus.loaded else " are being sent through the collector now"),
        title="coursepulse demo",
        expand=False,
    )

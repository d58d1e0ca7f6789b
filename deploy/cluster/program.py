"""One supervised program, and the supervisor's file about all of them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple


class Program(NamedTuple):
    """A process that must be up.

    :param stage: programs of a stage are started when all earlier ones answer
    :param once: it ends by itself when it has done its work
    """

    name: str
    stage: int
    command: Sequence[str]
    says: str
    environment: Mapping[str, str] = {}
    stop: str = "TERM"
    once: bool = False


def write_config(path: Path, socket: Path, logs: Path, programs: Iterable[Program]) -> None:
    """The file that the supervisor reads."""
    head = dedent(f"""\
        [unix_http_server]
        file={socket}
        chmod=0700
        [supervisord]
        nodaemon=true
        logfile={logs}/supervisord.log
        pidfile={path.parent}/supervisord.pid
        {"user=root" if os.geteuid() == 0 else ""}
        [rpcinterface:supervisor]
        supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
        [supervisorctl]
        serverurl=unix://{socket}
        """)
    path.touch(mode=0o600)
    found = list(programs)
    path.write_text(head + _stages(found) + "".join(_section(each, logs) for each in found))


def stage_name(stage: int) -> str:
    """What the supervisor calls all programs of a stage: it starts and stops them side by side."""
    return f"stage-{stage}"


def _stages(programs: list[Program]) -> str:
    stages = sorted({each.stage for each in programs})
    members = {stage: ",".join(each.name for each in programs if each.stage == stage) for stage in stages}
    return "".join(f"[group:{stage_name(stage)}]\nprograms={names}\n" for stage, names in members.items())


def _section(program: Program, logs: Path) -> str:
    variables = ",".join(f'{name}="{_plain(value)}"' for name, value in program.environment.items())
    return dedent(f"""
        [program:{program.name}]
        command={_plain(shlex.join(program.command))}
        environment={variables}
        autostart=false
        autorestart={"false" if program.once else "true"}
        startsecs={0 if program.once else 1}
        startretries=30
        stopsignal={program.stop}
        stopwaitsecs=25
        stopasgroup=false
        killasgroup=true
        redirect_stderr=true
        stdout_logfile={logs}/{program.name}.log
        """)


def _plain(text: str) -> str:
    """A value as it is: the supervisor expands what stands after a per cent sign."""
    return text.replace("%", "%%")

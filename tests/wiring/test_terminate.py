"""SIGTERM: the server closes what it has opened before it ends."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import httpx

from coursepulse.client.local_server import launch, wait_for
from coursepulse.kit.settings import Settings
from tests.support.server import Platform


def test_a_terminated_server_saves_what_it_keeps_and_leaves_nothing_running(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    process = launch(settings, "--port", "0")
    server = wait_for(process, settings)
    with closing(Platform(server, tmp_path)) as sender:
        sender.agree("ann")
    assert not (tmp_path / "log" / "processors.states").exists()
    process.terminate()
    assert process.wait(timeout=20) == 0
    assert (tmp_path / "log" / "processors.states").exists()
    assert not list((tmp_path / "postgres").glob("**/postmaster.pid"))
    assert "Traceback" not in (tmp_path / "server.log").read_text()
    try:
        httpx.get(server.url)
        raise AssertionError("somebody still answers")
    except httpx.ConnectError:
        pass

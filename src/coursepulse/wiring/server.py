"""The server of this process: its address bound before anything is opened, announced when it answers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import cast

from uvicorn._types import ASGIApplication

from coursepulse.kit.logs import configure_logs
from coursepulse.kit.settings import Settings
from coursepulse.store.presence import Presence
from coursepulse.web.http.app import build
from coursepulse.web.http.connections import bounded, raise_file_limit
from coursepulse.web.http.error_pages import error_page
from coursepulse.web.http.server import bind, make_server
from coursepulse.web.http.services import Services
from coursepulse.web.routes import ROUTES
from coursepulse.wiring.system import System


def run_server(settings: Settings, *, ready: Callable[[str, str], None], collect_only: bool = False) -> None:
    """Serve until SIGINT or SIGTERM.

    :param ready: called as soon as requests are answered, with the URL and with the link at which the first
        administrator is made, which is empty when there are accounts
    :raises SettingError: when the port is taken, another server has the data, or a store cannot be used
    """
    configure_logs()

    def announce(url: str) -> None:
        presence.announce(url)
        ready(url, _set_up_link(services, url))

    listener = bind(settings.host, settings.port)
    presence = Presence(settings.data)
    try:
        presence.claim()
        system = System(settings, collect_only=collect_only)
        services = system.start()
        try:
            _serve(services, listener, announce)
        finally:
            system.stop()
    finally:
        presence.leave()
        listener.close()


def _set_up_link(services: Services, url: str) -> str:
    identity = services.identity
    if identity is None or not identity.set_up.is_needed():
        return ""
    return (services.settings.public_url.rstrip("/") or url) + identity.set_up.path


def _serve(services: Services, listener: socket.socket, ready: Callable[[str], object]) -> None:
    host, port = listener.getsockname()[:2]
    app = build(services, ROUTES, error_page=error_page)
    protocol = bounded(raise_file_limit(), services.settings)
    server = make_server(cast("ASGIApplication", app), protocol, lambda: ready(f"http://{host}:{port}"))
    server.run(sockets=[listener])

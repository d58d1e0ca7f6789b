"""The server of this process: its address bound before anything is opened, announced when it answers."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from coursepulse.kit.logs import configure_logs
from coursepulse.kit.settings import Settings
from coursepulse.store.presence import Presence
from coursepulse.web.http.server import bind, serve
from coursepulse.web.routes import ROUTES
from coursepulse.wiring.system import System


def run_server(settings: Settings, *, ready: Callable[[str, str], None], collect_only: bool = False) -> None:
    """Serve until SIGINT or SIGTERM.

    :param ready: called as soon as requests are answered, with the URL and with the link at which the first
        administrator is made, which is empty when there are accounts
    :raises SettingError: when the port is taken, another server has the data, or a store cannot be used
    """
    configure_logs()
    # The HTTP server ends at the signal and sends it once more; that one must not end the process before all is closed.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave)

    def announce(url: str) -> None:
        presence.announce(url)
        identity = services.identity
        ready(url, identity.set_up.link(settings.public_url or url) if identity else "")

    listener = bind(settings.host, settings.port)
    presence = Presence(settings.data)
    try:
        presence.claim()
        system = System(settings, collect_only=collect_only)
        services = system.start()
        try:
            serve(services, ROUTES, listener, announce)
        finally:
            system.stop()
    finally:
        presence.leave()
        listener.close()


def _leave(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    """Close everything on the way out; a second signal does not wait for that. To stop when asked is no failure."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.exit(0)

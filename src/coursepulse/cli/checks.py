"""What ``coursepulse doctor`` tries, one line each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import NamedTuple

from coursepulse.alerts.delivery.addresses import parse_networks
from coursepulse.alerts.delivery.mail_settings import read_mail_settings
from coursepulse.alerts.delivery.smtp import MailConnection
from coursepulse.cli.asking import ask_json, show_time
from coursepulse.client.local_server import Server, local_key
from coursepulse.collect.keys import open_keys
from coursepulse.kit.errors import SettingError
from coursepulse.kit.folders import find_open, usable
from coursepulse.kit.settings import Settings
from coursepulse.kit.sql import Queries
from coursepulse.log import open_log
from coursepulse.store.clickhouse.connect import open_clickhouse
from coursepulse.store.postgres.connect import APP, open_pool, translate_errors
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.store.postgres.replicas import read_addresses
from coursepulse.store.presence import find
from coursepulse.store.redis.probe import ask_redis
from coursepulse.web.http.server import bind
from coursepulse.wiring.shared import SHARED, find_redis

#: Bytes free below which the log would soon be full: two hours at 1,000 events/s.
_ENOUGH = 2 << 30


class Check(NamedTuple):
    """A question and how to answer it: in a few words, or with the error that says what is wrong."""

    name: str
    run: Callable[[Settings], str]


def check_data(settings: Settings) -> str:
    """Whether the data directory can be written and has room."""
    with usable(settings.data):
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (settings.data / ".probe").write_bytes(b"")
        (settings.data / ".probe").unlink()
    free = shutil.disk_usage(settings.data).free
    if free < _ENOUGH:
        raise SettingError(f"COURSEPULSE_DATA {settings.data} has only {free >> 20} MiB left.")
    return f"{settings.data.absolute()}, {free >> 30} GiB free"


def check_privacy(settings: Settings) -> str:
    """Whether other users of the machine can read anything of the data directory."""
    with usable(settings.data):
        found = next(find_open(settings.data), None)
    if found is None:
        return "no other user of this machine can read the data directory"
    # Root may let PostgreSQL, which runs as somebody else, enter.
    if found == settings.data and os.geteuid() == 0 and not found.stat().st_mode & 0o066:
        return "other users of this machine can enter the data directory, and read nothing there"
    raise SettingError(
        f"Other users of this machine have rights to {found}: stop the server and run "
        f"`chmod -R go= {settings.data}`."
    )


def check_address(settings: Settings) -> str:
    """Whether a server can listen where it is told to."""
    if there := find(settings.data):
        return f"the server listens at {there.url}"
    bind(settings.host, settings.port).close()
    return f"{settings.host}:{settings.port}"


def check_keys(settings: Settings) -> str:
    """Whether every API key has a name, a secret and known scopes."""
    open_keys(settings)
    return "well formed"


def check_log(settings: Settings) -> str:
    """Whether the event log opens."""
    log = open_log(settings.log_url, settings=settings)
    waiting = log.lag("pipeline")
    log.close()
    return f"{settings.log_url}, {waiting} events wait for the pipeline"


def check_postgres(settings: Settings) -> str:
    """Whether PostgreSQL answers."""
    if settings.postgres_direct:
        return f"{_judge_role(settings.postgres_direct)}; {_judge_pooler(settings.postgres)}"
    if settings.postgres != "embedded":
        return _judge_role(settings.postgres)
    if there := find(settings.data):
        return f"bundled, run by the server at {there.url}"
    server = EmbeddedPostgres(settings.data / "postgres")
    try:
        server.start()
    finally:
        server.stop()
    return "bundled, starts and stops"


def _judge_role(dsn: str) -> str:
    """Whether the role of the address rules over the tables, and what to do about it."""
    with open_pool(dsn, size=1) as pool, translate_errors(), pool.connection() as connection:
        found = connection.execute(Queries("coursepulse.store.postgres.queries")["find_ownership"]).fetchone()
    name, superuser, owner = found or ("nobody", False, False)
    if not superuser and not owner:
        return f"answers; {name} owns no table"
    what = "is a superuser" if superuser else "owns the tables"
    return (
        f"answers; {name} {what}, so row-level security holds only because the server gives that up itself: "
        "better give it a role that is just a member of coursepulse_app and coursepulse_service "
        "(docs/how-to/own-databases.md)"
    )


def _judge_pooler(dsn: str) -> str:
    """Whether transactions through the pooler have the role that they take on."""
    with (
        translate_errors("The pooler"),
        open_pool(dsn, size=1, role=APP, pooled=True) as pool,
        pool.connection() as connection,
    ):
        found = connection.execute(Queries("coursepulse.store.postgres.queries")["find_role"]).fetchone()
    if found != (APP,):
        raise SettingError("Transactions through the pooler of COURSEPULSE_POSTGRES do not keep their role.")
    return "through a pooler"


def check_replicas(settings: Settings) -> str:
    """Whether each replica answers and follows a primary."""
    found, queries = read_addresses(settings.postgres_replicas), Queries("coursepulse.store.postgres.queries")
    for number, dsn in enumerate(found, 1):
        with (
            open_pool(dsn, size=1) as pool,
            translate_errors(f"Replica {number}"),
            pool.connection() as connection,
        ):
            row = connection.execute(queries["find_recovery"]).fetchone()
        if not row or not row[0]:
            raise SettingError(f"Address {number} of COURSEPULSE_POSTGRES_REPLICAS is not a replica.")
    return f"{len(found)} follow the primary" if found else "none"


def check_clickhouse(settings: Settings) -> str:
    """Whether ClickHouse answers."""
    there = find(settings.data)
    if there and settings.clickhouse_url.startswith("chdb:"):
        return f"in the process of the server at {there.url}"
    client = open_clickhouse(
        settings.clickhouse_url, settings.clickhouse_memory_mb, settings.clickhouse_cluster
    )
    try:
        return f"version {client.server_version}"
    finally:
        client.close()


def check_shared(settings: Settings) -> str:
    """Whether each Redis answers that the settings name."""
    named = {find_redis(settings, setting): setting for setting in SHARED}
    told = [f"{setting}: {ask_redis(address)}" for address, setting in named.items() if address]
    return "; ".join(told) if told else "nothing is shared with other servers"


def check_mail(settings: Settings) -> str:
    """Whether the mail server answers, if the settings name one."""
    mail = read_mail_settings(settings)
    if mail is None:
        return "no mails are sent"
    MailConnection(mail.server).close()
    return f"{mail.server.host}:{mail.server.port} lets us in"


def check_webhooks(settings: Settings) -> str:
    """Which private networks webhooks may reach."""
    allowed = parse_networks(settings.webhook_networks)
    return f"may reach {', '.join(map(str, allowed))}" if allowed else "reach public addresses only"


def check_models(settings: Settings) -> str:
    """Which model of risk predicts, since when, and what the last training said."""
    there = find(settings.data)
    if there is None:
        return "known while the server runs"
    found = ask_json(Server(there.url, local_key(settings.data)), "GET", "/v1/models")
    if found["trouble"]:
        raise SettingError(f"Nobody is scored: {found['trouble']}")
    champion = next((each for each in found["models"] if each["champion"]), None)
    shown = (
        f"{champion['model']} predicts since {show_time(champion['since'])}"
        if champion
        else "the rule is shown alone"
    )
    last = f"; last training {show_time(found['trained_at'])}: {found['told']}" if found["trained_at"] else ""
    return f"{shown}{last}"


CHECKS = (
    Check("data directory", check_data),
    Check("privacy of files", check_privacy),
    Check("address", check_address),
    Check("API keys", check_keys),
    Check("event log", check_log),
    Check("PostgreSQL", check_postgres),
    Check("replicas", check_replicas),
    Check("ClickHouse", check_clickhouse),
    Check("shared with other servers", check_shared),
    Check("mail", check_mail),
    Check("webhooks", check_webhooks),
    Check("models", check_models),
)

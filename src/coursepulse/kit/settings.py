"""The settings: one object, read once at start from a TOML file and the environment.

Every field can be given as ``COURSEPULSE_<FIELD>`` or as ``field = …`` in the file that
``COURSEPULSE_CONFIG`` names. The environment wins.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from coursepulse.kit.errors import SettingError
from coursepulse.kit.wording import plainly, take_apart

PREFIX = "COURSEPULSE_"

#: Variables with our prefix that are no settings: the file with the settings, and the key that commands send.
_NOT_SETTINGS = frozenset({"config", "key"})

Days = Annotated[int, Meta(ge=1)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Points = Annotated[int, Meta(ge=0, le=1000)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator may choose. ``docs/reference/settings.md`` describes each field."""

    data: Path = Path(".data")
    host: str = "127.0.0.1"
    port: Port = 8000
    log: str = ""
    kafka_security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = "plaintext"
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_user: str = ""
    kafka_password_file: str = ""
    kafka_ca_file: str = ""
    kafka_replication: Annotated[int, Meta(ge=0, le=20)] = 0
    kafka_min_in_sync: Annotated[int, Meta(ge=0, le=20)] = 0
    spool_mb: Annotated[int, Meta(ge=0)] = 1024
    postgres: str = "embedded"
    postgres_direct: str = ""
    postgres_replicas: str = ""
    clickhouse: str = ""
    clickhouse_cluster: str = ""
    api_keys: str = ""
    pseudonym_secret: str = ""
    demo: bool = False
    demo_password: str = ""
    public_url: str = ""
    session_idle_minutes: Count = 60
    session_hours: Count = 12
    embed_origins: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_label: str = ""
    oidc_scopes: str = "openid profile email"
    oidc_role_claim: str = "roles"
    oidc_roles: str = ""
    oidc_default_role: str = ""
    oidc_organisation_claim: str = ""
    oidc_student_claim: str = ""
    raw_retention_days: Days = 90
    log_retention_hours: Count = 72
    audit_retention_days: Annotated[int, Meta(ge=366)] = 2557
    shed_p2_backlog: Count = 2_000_000
    shed_p1_backlog: Count = 5_000_000
    requests_per_minute: Annotated[int, Meta(ge=0)] = 0
    visits_per_minute: Annotated[int, Meta(ge=0)] = 6000
    header_seconds: Count = 10
    stalled_seconds: Count = 30
    batch_events: Count = 80_000
    clickhouse_memory_mb: Annotated[int, Meta(ge=256)] = 512
    cache_mb: Annotated[int, Meta(ge=0)] = 32
    small_group: Annotated[int, Meta(ge=1, le=50)] = 5
    points_lesson: Points = 10
    points_passed: Points = 20
    points_score: Points = 20
    points_video: Points = 5
    points_day: Points = 2
    points_reply: Points = 2
    points_replies_a_day: Annotated[int, Meta(ge=0, le=100)] = 5
    honour_gpc: Literal["off", "on"] = "off"
    randomise_messages: Literal["off", "on"] = "off"
    smtp: str = ""
    mail_from: str = ""
    mail_pace: Literal["off", "daily", "hourly", "at_once"] = "daily"
    mail_names: Literal["off", "on"] = "off"
    mail_reports: Literal["attached", "link"] = "attached"
    weekly_letter: Literal["off", "on"] = "off"
    report_fonts: str = ""
    webhook_networks: str = ""
    models: str = ""
    training: str = ""
    risk_horizon_days: Annotated[int, Meta(ge=14, le=365)] = 56
    risk_silence: Annotated[int, Meta(ge=1, le=50)] = 4
    prediction_retention_days: Days = 400
    fairness_groups: str = ""
    warehouse: str = ""
    warehouse_endpoint: str = ""
    superset: Literal["off", "on"] = "off"
    scheduler: Literal["embedded", "airflow"] = "embedded"
    traces: str = ""
    live: str = "memory://"
    cache: str = "memory://"
    limits: str = "memory://"
    roles: str = ""
    processors: Literal["embedded", "flink", "off"] = "embedded"
    processors_kafka: str = ""

    @property
    def log_url(self) -> str:
        """Where events are kept until they are stored: ``sqlite:///path`` or ``kafka://host:port/topic``."""
        return self.log or f"sqlite:///{self.data.absolute() / 'log' / 'events.sqlite'}"

    @property
    def models_url(self) -> str:
        """Where models are kept: ``file:///dir``, or ``mlflow://host:port``."""
        return self.models or f"file://{self.data.absolute() / 'models'}"

    @property
    def clickhouse_url(self) -> str:
        """``chdb:///dir`` in this process, or ``http(s)://user:password@host:port/database``."""
        return self.clickhouse or f"chdb:///{self.data.absolute() / 'clickhouse'}"


def load(
    environ: Mapping[str, str], config: str = "", options: Mapping[str, object] | None = None
) -> Settings:
    """Settings from the text of a TOML file, an environment, and options of a command line; the last one wins.

    :raises SettingError: naming the first field that is unknown or does not fit
    """
    values = _from_toml(config) | _from_environ(environ) | dict(options or {})
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_convert)
    except msgspec.ValidationError as error:
        path, message = take_apart(error)
        where = f"`{path[2:]}`: " if path != "$" else ""
        raise SettingError(f"Settings: {where}{plainly(message)}. See docs/reference/settings.md.") from None


def to_environ(settings: Settings) -> dict[str, str]:
    """The environment that gives another process these settings; what has its default value is left out."""
    return {
        f"{PREFIX}{name.upper()}": str(value)
        for name, value in msgspec.structs.asdict(settings).items()
        if value != getattr(Settings(), name)
    }


def describe(settings: Settings) -> str:
    """What was chosen, for people who look later: ``name=value``; of texts, which may hold secrets, the name alone."""
    chosen = {
        name: value
        for name, value in msgspec.structs.asdict(settings).items()
        if value != getattr(Settings(), name)
    }
    return " ".join(
        f"{name}={value}" if isinstance(value, int) or value in ("on", "off") else f"{name}=…"
        for name, value in chosen.items()
    )


def _convert(kind: type, value: object) -> object:
    return kind(value)


def _from_toml(config: str) -> dict[str, Any]:
    try:
        return tomllib.loads(config)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"The settings file is not TOML: {error}.") from None


def _from_environ(environ: Mapping[str, str]) -> dict[str, Any]:
    named = {
        key.removeprefix(PREFIX).lower(): value for key, value in environ.items() if key.startswith(PREFIX)
    }
    return {name: value for name, value in named.items() if name not in _NOT_SETTINGS}

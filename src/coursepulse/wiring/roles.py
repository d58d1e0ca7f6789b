"""What a process does beside answering requests: ``COURSEPULSE_ROLES``."""

from __future__ import annotations

from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings

COLLECT, WORK, WEB = "collect", "work", "web"
ROLES = frozenset({COLLECT, WORK, WEB})

#: Settings without which two processes would not share anything.
_NEEDED = {
    "log": "where all processes append and read, as in sqlite:////shared/events.sqlite?partitions=4",
    "clickhouse": "http(s)://user:password@host:port/database",
    "pseudonym_secret": "the same for all",
}


def read_roles(settings: Settings) -> frozenset[str]:
    """The roles of this process; without the setting it has all of them, and the stores to itself.

    :raises SettingError: when a role is unknown, or a setting is missing that several processes need
    """
    chosen = frozenset(filter(None, (each.strip() for each in settings.roles.split(","))))
    if not chosen:
        return ROLES
    if unknown := sorted(chosen - ROLES):
        raise SettingError(
            f"COURSEPULSE_ROLES: {unknown[0]!r} is no role; there are {', '.join(sorted(ROLES))}."
        )
    if settings.postgres == "embedded":
        raise SettingError("COURSEPULSE_ROLES needs COURSEPULSE_POSTGRES: one database for all processes.")
    for name, what in _NEEDED.items():
        if not getattr(settings, name) and (chosen != {COLLECT} or name != "clickhouse"):
            raise SettingError(f"COURSEPULSE_ROLES needs COURSEPULSE_{name.upper()}: {what}.")
    return chosen

"""The device behind a browser's ``User-Agent``, only as precisely as charts need."""

from __future__ import annotations

from functools import lru_cache

from coursepulse.events.event import UNKNOWN_DEVICE, Device

# The order matters: Edge and Opera also claim to be Chrome, and all claim to be Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("MSIE ", "Internet Explorer"),
    ("Trident/", "Internet Explorer"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@lru_cache(maxsize=4096)
def device_of(agent: str) -> Device:
    """The device behind a user agent; unknown for programs that are not browsers."""
    system = _find(agent, _SYSTEMS)
    if not system:
        return UNKNOWN_DEVICE
    return Device(type=_type_of(agent, system), os=system, browser=_find(agent, _BROWSERS))


def _type_of(agent: str, system: str) -> str:
    if "iPad" in agent or "Tablet" in agent or (system == "Android" and "Mobile" not in agent):
        return "tablet"
    return "mobile" if system in ("iOS", "Android") else "desktop"


def _find(agent: str, table: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in table if mark in agent), "")

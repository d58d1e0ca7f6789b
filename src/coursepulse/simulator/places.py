"""Where simulated students are, as far as their platform knows."""

from __future__ import annotations

from random import Random

#: Countries of each time zone, and how many of a hundred of its students live there.
COUNTRIES: dict[str, dict[str, int]] = {
    "Europe/Berlin": {"DE": 46, "FR": 14, "ES": 10, "IT": 9, "NL": 8, "PL": 7, "SE": 6},
    "Europe/London": {"GB": 78, "IE": 12, "PT": 10},
    "America/New_York": {"US": 82, "CA": 18},
    "America/Los_Angeles": {"US": 84, "CA": 16},
    "Asia/Kolkata": {"IN": 93, "LK": 7},
    "America/Sao_Paulo": {"BR": 86, "AR": 14},
    "Africa/Lagos": {"NG": 82, "CM": 10, "BJ": 8},
    "Asia/Tokyo": {"JP": 78, "KR": 22},
}

#: Of so many students one is with a platform that names no country: an empty one stays empty.
_UNKNOWN = 25


def choose_country(seed: int, who: str, zone: str) -> str:
    """ISO 3166-1 alpha-2 code, or empty; drawn apart from everything else, so that it changes nothing else."""
    rng = Random(f"{seed} {who} country")  # noqa: S311
    if rng.randrange(_UNKNOWN) == 0:
        return ""
    found = COUNTRIES[zone]
    return rng.choices(list(found), list(found.values()))[0]

"""The identity provider that the settings name."""

from __future__ import annotations

import httpx

from coursepulse.access.account_claims import ClaimRules, parse_roles
from coursepulse.access.accounts import read_role
from coursepulse.kit.errors import RequestError, SettingError
from coursepulse.kit.settings import Settings
from coursepulse.web.identity.provider import Provider, ProviderClient


def open_provider(settings: Settings) -> Provider | None:
    """The identity provider of the settings, if they name one. It is first asked when somebody signs in.

    :raises SettingError: when a part is missing or malformed
    """
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise SettingError("COURSEPULSE_OIDC_ISSUER also needs COURSEPULSE_OIDC_CLIENT_ID.")
    try:
        fallback = read_role(settings.oidc_default_role) if settings.oidc_default_role else None
    except RequestError as error:
        raise SettingError(f"COURSEPULSE_OIDC_DEFAULT_ROLE: {error}") from None
    rules = ClaimRules(
        settings.oidc_role_claim,
        parse_roles(settings.oidc_roles),
        fallback,
        settings.oidc_organisation_claim,
        settings.oidc_student_claim,
    )
    client = ProviderClient(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.oidc_scopes,
    )
    return Provider(client, rules, settings.oidc_label, httpx.Client(timeout=5.0))


def check_public_url(url: str) -> None:
    """Refuse an address that no browser could open.

    :raises SettingError: when it has no host, or more than a host
    """
    parts = httpx.URL(url)
    if url and (parts.scheme not in ("http", "https") or not parts.host or parts.path not in ("", "/")):
        raise SettingError(f"COURSEPULSE_PUBLIC_URL {url!r} must look like https://analytics.example.edu.")

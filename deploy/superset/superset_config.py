"""Settings of Superset beside coursepulse. SUPERSET_CONFIG_PATH names this file; secrets are in the environment."""

import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_METADATA"]

FEATURE_FLAGS = {
    # Guests see dashboards in frames of other pages.
    "EMBEDDED_SUPERSET": True,
    # Nobody writes Jinja into a query or a rule.
    "ENABLE_TEMPLATE_PROCESSING": False,
    # A filter that somebody writes reads its own table and no other.
    "ALLOW_ADHOC_SUBQUERY": False,
}

# What guests may do, whatever their token shows; made by coursepulse superset install.
GUEST_ROLE_NAME = "coursepulse_guest"
GUEST_TOKEN_JWT_SECRET = os.environ["SUPERSET_GUEST_SECRET"]
# A right that ends shows for as long as the last token lives.
GUEST_TOKEN_JWT_EXP_SECONDS = 300


def _is_ours(token: dict) -> bool:
    """Only with a rule that holds for every data set, as coursepulse gives it."""
    return any(rule["clause"].startswith("shown_to = ") and not rule.get("dataset") for rule in token["rls"])


GUEST_TOKEN_VALIDATOR_HOOK = _is_ours

# People who are not signed in and bring no token see nothing.
PUBLIC_ROLE_LIKE = None

# Numbers are read anew each time, so those of an erased student go with the next run of the job and not later.
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

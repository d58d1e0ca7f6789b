"""Where Superset finds its tables, unless told otherwise."""

from __future__ import annotations

#: As SQLAlchemy has it: a socket of the same machine, and no password.
USUAL_DATABASE = "postgresql+psycopg2://superset@/coursepulse"

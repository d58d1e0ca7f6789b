"""Which models were trained, from whose data, and which one predicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

QUERIES = Queries("coursepulse.insight.postgres")


class KeptModel(NamedTuple):
    """A model on record.

    :param model: its version in the registry
    :param data_until: the last day of the data that it was trained with
    :param shown: whether it passed its gate
    :param why: why it is not shown, empty if it is
    :param champion: whether it predicts now
    :param since: since when it does
    """

    model: str
    trained_at: Micros
    data_until: date
    shown: bool
    why: str
    card: Mapping[str, Any]
    champion: bool = False
    since: datetime | None = None


class ModelsKept:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param pool: connections of the service
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def note(self, model: KeptModel, students: Iterable[bytes]) -> None:
        """A model was trained with the data of these students."""
        values = model._asdict() | {
            "trained_at": from_micros(model.trained_at),
            "card": Jsonb(model.card),
        }
        trained = {"model": model.model, "students": [UUID(bytes=each) for each in sorted(set(students))]}
        with translate_errors("Models"), self._pool.connection() as connection, connection.transaction():
            connection.execute(QUERIES["note_model"], values)
            connection.execute(QUERIES["note_trained"], trained)

    def crown(self, model: str, at: Micros, account: str = "") -> None:
        """This model predicts from now on."""
        self._run("crown", {"model": model, "at": from_micros(at), "account": account})

    def champion(self) -> KeptModel | None:
        """The model that predicts now; None where the rule is shown alone."""
        found = self._rows("champion")
        return found[0]._replace(champion=True) if found else None

    def all(self) -> list[KeptModel]:
        """Every model, the newest first."""
        return self._rows("all_models")

    def roll_back(self, at: Micros, account: str) -> KeptModel | None:
        """The model shown before the present one predicts again; without an earlier one, none does.

        :returns: the model that predicts now
        """
        now = self.champion()
        if now is None:
            return None
        with translate_errors("Models"), self._pool.connection() as connection:
            earlier = connection.execute(QUERIES["shown_before"], {"model": now.model}).fetchone()
        if earlier:
            self.crown(earlier[0], at, account)
        else:
            self._run("uncrown", {})
        return self.champion()

    def verdicts(self) -> dict[str, dict[str, int]]:
        """By model: how often teachers said what of its predictions."""
        found: dict[str, dict[str, int]] = {}
        with translate_errors("Models"), self._pool.connection() as connection:
            for model, verdict, times in connection.execute(QUERIES["count_verdicts"]):
                found.setdefault(model, {})[verdict] = times
        return found

    def _run(self, query: str, values: Mapping[str, object]) -> None:
        with translate_errors("Models"), self._pool.connection() as connection:
            connection.execute(QUERIES[query], values)

    def _rows(self, query: str) -> list[KeptModel]:
        with (
            translate_errors("Models"),
            self._pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            rows = cursor.execute(QUERIES[query]).fetchall()
        return [KeptModel(**row | {"trained_at": to_micros(row["trained_at"])}) for row in rows]

"""Groups from the roster: judged by the gate, shown on the card, and never looked at by a model."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import polars as pl
import pytest

from coursepulse.insight.fairness import GroupAttribute, RosterGroups, read_attributes
from coursepulse.insight.features import FEATURES
from coursepulse.insight.risk.gate import GateRefusal, judge_kinds
from coursepulse.kit.errors import SettingError
from coursepulse.kit.ids import to_bytes
from coursepulse.store.postgres.connect import Pool


@pytest.mark.parametrize(
    ("setting", "attributes"),
    [
        ("", ()),
        ("team", (GroupAttribute.TEAM,)),
        (" time_zone, organisation,time_zone", (GroupAttribute.TIME_ZONE, GroupAttribute.ORGANISATION)),
    ],
)
def test_the_setting_names_what_the_roster_knows(
    setting: str, attributes: tuple[GroupAttribute, ...]
) -> None:
    assert read_attributes(setting) == attributes


def test_what_the_roster_does_not_know_is_refused() -> None:
    with pytest.raises(SettingError, match="`shoe_size`; it takes organisation, team, time_zone"):
        read_attributes("team,shoe_size")


def test_no_feature_is_a_group() -> None:
    assert not {each.name for each in FEATURES} & set(GroupAttribute)


def test_groups_are_those_of_the_roster_for_the_rows_that_are_judged(pool: Pool) -> None:
    ann, ben, eve = (to_bytes(each, "student") for each in ("ann", "ben", "eve"))
    with pool.connection() as connection:
        connection.execute("INSERT INTO organisations VALUES ('acme', '')")
        connection.execute("INSERT INTO teams VALUES ('t1', 'acme', ''), ('t2', 'acme', '')")
        for who, organisation in ((ann, "acme"), (ben, None)):
            values = (UUID(bytes=who), who.hex(), organisation, "Europe/Berlin")
            connection.execute(
                "INSERT INTO people (student_id, external_id, organisation_id, time_zone) VALUES (%s, %s, %s, %s)",
                values,
            )
        for team in ("t2", "t1"):
            connection.execute("INSERT INTO team_people VALUES (%s, %s, false)", (team, UUID(bytes=ann)))
    rows = pl.DataFrame({"student": [ann, ann, ben, eve], "course": ["a", "a", "a", "a"]})
    found = RosterGroups(pool, tuple(GroupAttribute)).of(rows)
    assert found is not None
    assert sorted(found.rows(), key=lambda row: row[0] != ann) == [
        (ann, "a", "acme", "t1", "Europe/Berlin"),
        (ben, "a", None, None, "Europe/Berlin"),
    ]
    assert RosterGroups(pool, ()).of(rows) is None


def judged_rows(size: int) -> pl.DataFrame:
    """Half are lost, and the rule knows nothing."""
    return pl.DataFrame(
        {
            "student": [f"s{n}" for n in range(size)],
            "course": ["a"] * size,
            "lost": [n % 2 == 0 for n in range(size)],
            "rule": [50.0] * size,
            "dated": [True] * size,
        }
    )


def test_a_model_that_overlooks_the_lost_of_one_group_is_refused() -> None:
    rows = judged_rows(1200)
    lost = rows["lost"].to_numpy()
    groups = rows.select("student", "course", team=pl.Series(["x", "x", "y", "y"] * 300))
    fair = np.where(lost, 0.98, 0.02)
    overlooking = np.where(lost & (groups["team"] == "y").to_numpy(), 0.45, fair)
    assert judge_kinds(rows, fair, None, groups=groups).accepted
    assert judge_kinds(rows, fair, None).accepted
    refused = list(judge_kinds(rows, overlooking, None, groups=groups).objections)
    found = {each.refusal: each.about for each in refused}
    assert found[GateRefusal.GROUP_RECALL] == found[GateRefusal.GROUP_CALIBRATION] == "team"
    kinds = rows.with_columns(dated=pl.Series([n % 8 < 4 for n in range(1200)]))
    by_kind = judge_kinds(kinds, overlooking, None, groups=groups).objections
    assert {each.kind for each in by_kind if each.refusal is GateRefusal.GROUP_RECALL} == {
        "dated",
        "self_paced",
    }

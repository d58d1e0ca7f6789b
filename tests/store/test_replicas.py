"""A replica answers about the catalog when it is as new as the primary, and never about people.

A second database plays the replica: what a replica lacks is then what was not written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from coursepulse.kit.clock import SECOND
from coursepulse.kit.errors import SettingError
from coursepulse.metrics.readers import CATALOG_QUERIES, CampusReader
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.replicas import Replicas, read_addresses
from tests.support.postgres import Server

TITLES = ("course_titles", {"courses": ["c"]})

AWAY = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def replica(postgres_server: Server) -> Iterator[str]:
    with postgres_server.database() as dsn:
        yield dsn


def name_course(dsn_or_pool: str | Pool, title: str) -> None:
    """Change the catalog as the roster does: its version counts on in the same transaction."""
    import psycopg

    known = "ON CONFLICT (course_id) DO UPDATE SET title = excluded.title"
    change = (f"INSERT INTO courses (course_id, title) VALUES ('c', %s) {known}", [title])
    count = "UPDATE catalog_version SET version = version + 1"
    if isinstance(dsn_or_pool, str):
        with psycopg.connect(dsn_or_pool) as connection:
            connection.execute(*change)
            connection.execute(count)
    else:
        with dsn_or_pool.connection() as pooled, pooled.transaction():
            pooled.execute(*change)
            pooled.execute(count)


def title(reader: CampusReader) -> str:
    (row,) = reader.rows(*TITLES)
    return str(row["title"])


def test_a_replica_that_is_as_new_answers_and_one_behind_does_not(pool: Pool, replica: str) -> None:
    replicas = Replicas(pool, [replica], lambda: 0)
    reader = CampusReader(pool, replicas)
    name_course(pool, "first")
    name_course(replica, "first, as the replica says")
    assert title(reader) == "first, as the replica says"
    name_course(pool, "second")
    assert title(reader) == "second"
    assert (replicas.answered, replicas.passed_on) == (1, 1)
    name_course(replica, "second, as the replica says")
    assert title(reader) == "second, as the replica says"
    replicas.close()


def test_the_primary_answers_for_a_replica_that_is_away_which_then_rests(pool: Pool, replica: str) -> None:
    now = [0]
    replicas = Replicas(pool, [AWAY, replica], lambda: now[0])
    reader = CampusReader(pool, replicas)
    name_course(pool, "the primary's")
    name_course(replica, "the replica's")
    assert [title(reader) for _ in range(4)] == ["the primary's", *["the replica's"] * 3]
    now[0] = 11 * SECOND
    assert "the primary's" in [title(reader) for _ in range(2)]
    replicas.close()


def test_without_replicas_the_primary_is_asked_once(pool: Pool) -> None:
    name_course(pool, "the primary's")
    replicas = Replicas(pool, [], lambda: 0)
    assert title(CampusReader(pool, replicas)) == "the primary's"
    assert replicas.passed_on == 0


def test_what_replicas_answer_names_no_table_about_people() -> None:
    tables = {"courses", "lessons", "videos", "assessments"}
    for name in CATALOG_QUERIES:
        text = CampusReader.queries[name]
        named = re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", text)
        assert set(named) <= tables | {"unnest"}, name
        assert "student" not in text, name


def test_a_question_about_people_never_reaches_a_replica(pool: Pool, replica: str) -> None:
    replicas = Replicas(pool, [replica], lambda: 0)
    reader = CampusReader(pool, replicas)
    for name in CampusReader.queries.keys() - CATALOG_QUERIES:
        assert "student_id" in CampusReader.queries[name] or name in {
            "known_changes",
            "latest_data_at",
            "pipeline",
            "sender_counts",
            "course_track_record",
            "ended_courses",
        }, f"{name} is about nobody: may a replica answer it?"
    reader.rows("student_names", {"students": []})
    assert (replicas.answered, replicas.passed_on) == (0, 0)
    replicas.close()


def test_addresses_are_read_and_a_wrong_one_is_counted_and_not_quoted() -> None:
    assert read_addresses("") == []
    assert len(read_addresses("postgresql://a@b/c, postgresql://d@e/f")) == 2
    with pytest.raises(SettingError, match="address 2 must look like") as refused:
        read_addresses("postgresql://a@b/c,user:secret@host")
    assert "secret" not in str(refused.value)

"""Which parts a cluster has, and what its supervisor and its proxy read."""

from __future__ import annotations

import configparser
import os
from pathlib import Path

import pytest

from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import load
from deploy.cluster import servers
from deploy.cluster.flink import newest_checkpoint
from deploy.cluster.layout import HEAVY, PARTS, Layout, choose_parts, recall
from deploy.cluster.program import Program, write_config


def test_all_light_parts_are_chosen_when_none_is_named() -> None:
    assert choose_parts("") == set(PARTS) - HEAVY
    assert choose_parts("all") == set(PARTS)
    assert choose_parts("kafka, redis") == {"kafka", "redis"}


def test_a_part_is_refused_without_what_it_needs() -> None:
    with pytest.raises(SettingError, match="airflow needs proxy"):
        choose_parts("redis airflow")
    with pytest.raises(SettingError, match='flink needs kafka: WITH="kafka flink redis"'):
        choose_parts("redis flink")


def test_a_job_resumes_from_the_newest_checkpoint_that_is_complete(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path) is None
    for number, name in enumerate(("one/chk-9", "two/chk-3", "two/chk-4")):
        folder = tmp_path / "checkpoints" / name
        folder.mkdir(parents=True)
        if name != "two/chk-4":
            (folder / "_metadata").touch()
            os.utime(folder / "_metadata", (number, number))
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoints" / "two" / "chk-3"


def test_a_part_that_does_not_exist_is_named() -> None:
    with pytest.raises(SettingError, match="no part `spark`"):
        choose_parts("redis spark")


def test_no_two_programs_share_a_port(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8000, 17000, frozenset(PARTS))
    own = [layout.server(number) for number in range(10)]
    brokers = [port + step for port in layout.kafka for step in (0, 1)]
    nodes = [port + step for port in layout.redis for step in (0, 50)]
    heavy = [layout.flink, layout.flink + 1, layout.airflow, layout.superset]
    ports = [*heavy, layout.postgres, layout.postgres + 1, layout.clickhouse, *brokers, *nodes, *own]
    assert len(set(ports)) == len(ports)
    assert all(17000 < port < 17100 for port in ports)


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8000, 17000, frozenset())
    assert layout.secret("one") == layout.secret("one") != layout.secret("two")
    assert (tmp_path / "secrets" / "one").stat().st_mode & 0o077 == 0


def test_a_cluster_that_was_started_is_recalled_and_another_is_not(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8000, 17000, frozenset({"redis"}))
    with pytest.raises(SettingError, match="No cluster was started"):
        recall(tmp_path)
    layout.remember()
    assert recall(tmp_path) == layout


def test_the_supervisor_reads_commands_and_secrets_as_they_are(tmp_path: Path) -> None:
    program = Program(
        "one", 0, ["/bin/echo", "a b", "50%"], "speaks", {"URL": "http://u:a%20b@h/"}, once=True
    )
    config = tmp_path / "supervisord.conf"
    write_config(config, tmp_path / "socket", tmp_path, [program])
    read = configparser.ConfigParser()
    read.read(config)
    section = read["program:one"]
    assert section["command"] == "/bin/echo 'a b' 50%"
    assert section["environment"] == 'URL="http://u:a%20b@h/"'
    assert section["autorestart"] == "false"
    assert config.stat().st_mode & 0o077 == 0


def test_the_proxy_sends_events_to_the_collectors_and_the_rest_to_the_web_servers(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8000, 17000, frozenset({"proxy"}))
    servers.prepare(layout)
    rules = (tmp_path / "haproxy.cfg").read_text()
    assert "bind 127.0.0.1:8000" in rules
    backends = {part.partition("\n")[0]: part for part in rules.split("\nbackend ")[1:]}
    for number, name in enumerate(servers.servers()):
        line = f"server {name} 127.0.0.1:{layout.server(number)} check"
        for role, part in backends.items():
            assert (line in part) == (servers.ROLES[name] == role), name


def test_every_server_has_the_same_secrets_and_a_folder_of_its_own(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8000, 17000, frozenset())
    one, other = servers.settings(layout, "web-1"), servers.settings(layout, "web-2")
    differing = {name for name in one if one[name] != other[name]}
    assert differing == {"COURSEPULSE_DATA"}


def test_a_server_is_told_of_the_parts_that_run_and_of_no_others(tmp_path: Path) -> None:
    told = {
        part: servers.settings(Layout(tmp_path, 8000, 17000, frozenset({part})), "web-1")
        for part in ("proxy", "kafka", "replica", "redis")
    }
    assert told["kafka"]["COURSEPULSE_LOG"].startswith("kafka://")
    flink = servers.settings(Layout(tmp_path, 8000, 17000, frozenset({"kafka", "flink"})), "worker-1")
    assert flink["COURSEPULSE_PROCESSORS"] == "flink"
    assert "COURSEPULSE_PROCESSORS" not in told["kafka"]
    heavy = servers.settings(Layout(tmp_path, 8000, 17000, frozenset({"airflow", "superset"})), "web-1")
    assert (heavy["COURSEPULSE_SCHEDULER"], heavy["COURSEPULSE_SUPERSET"]) == ("airflow", "on")
    assert told["proxy"]["COURSEPULSE_LOG"].startswith("sqlite://")
    assert told["replica"].keys() - told["proxy"].keys() == {"COURSEPULSE_POSTGRES_REPLICAS"}
    shared = {f"COURSEPULSE_{each}" for each in ("CACHE", "LIMITS", "LIVE")}
    assert told["redis"].keys() - told["proxy"].keys() == shared


def test_every_variable_is_a_setting(tmp_path: Path) -> None:
    told = servers.settings(Layout(tmp_path, 8000, 17000, frozenset(PARTS)), "web-1")
    load({name: value for name, value in told.items() if name.startswith("COURSEPULSE_")})

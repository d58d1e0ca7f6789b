"""What deploy/ promises and every installation must have, read without a tool that knows containers."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import msgspec
import pytest
import yaml

from coursepulse.kit.settings import Settings
from coursepulse.web.operation.prometheus import FAMILIES
from tests.docs.pages import ROOT
from tests.docs.test_docs import load_script

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()


def test_the_values_of_the_three_sizes_are_those_of_the_plan() -> None:
    for path, text in load_script("helm_values").files().items():
        assert path.read_text() == text, "run make docs"


def test_the_image_runs_as_somebody_without_rights_and_says_how_it_is() -> None:
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    user = re.search(r"^USER (\d+)$", last, re.MULTILINE)
    assert user
    assert int(user[1]) > 0
    assert "HEALTHCHECK" in last
    assert "/v1/health" in last
    assert "--require-hashes" in CONTAINERFILE


def test_the_image_takes_nothing_private_along() -> None:
    ignored = (ROOT / ".containerignore").read_text().split()
    assert {".git", ".env", "*.key", ".data*", ".venv*"} <= set(ignored)
    assert not re.search(r"^(ENV|ARG).*(SECRET|PASSWORD|API_KEYS)", CONTAINERFILE, re.MULTILINE)


def test_every_volume_and_every_service_that_is_named_exists() -> None:
    for name, service in COMPOSE["services"].items():
        named = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        for volume in named:
            assert volume in COMPOSE["volumes"] or (DEPLOY / volume).is_file(), f"{name}: {volume}"
        assert set(service.get("depends_on", [])) <= COMPOSE["services"].keys(), name
    used = {each.partition(":")[0] for one in COMPOSE["services"].values() for each in one.get("volumes", [])}
    assert COMPOSE["volumes"].keys() <= used


def test_no_two_processes_share_a_volume() -> None:
    volumes = [
        each.partition(":")[0] for one in COMPOSE["services"].values() for each in one.get("volumes", [])
    ]
    named = [each for each in volumes if each in COMPOSE["volumes"]]
    assert len(named) == len(set(named))


def test_only_the_proxy_is_reached_and_only_from_this_machine() -> None:
    ports = {name: one["ports"] for name, one in COMPOSE["services"].items() if "ports" in one}
    assert ports == {"proxy": ["127.0.0.1:8000:8000"]}


def test_our_containers_cannot_write_to_their_image_or_gain_rights() -> None:
    ours = [one for one in COMPOSE["services"].values() if "coursepulse" in one["image"]]
    assert len(ours) == 7
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in ours)


def test_every_secret_comes_from_outside_and_is_listed() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    required = set(re.findall(r"\$\{(\w+):\?\}", text))
    listed = set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    assert required
    assert required <= listed
    for line in text.splitlines():
        if re.search(r"PASSWORD|SECRET", line) and "=" not in line:
            assert "${" in line, line


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("compose/*.sh")), ids=lambda path: path.name)
def test_scripts_can_be_read(script: Any) -> None:
    subprocess.run(["/bin/bash", "-n", script], check=True)


def test_every_variable_of_ours_is_a_setting() -> None:
    chart = "".join(each.read_text() for each in DEPLOY.glob("helm/coursepulse/templates/*"))
    texts = [(DEPLOY / "compose.yaml").read_text(), CONTAINERFILE, chart]
    named = {name for text in texts for name in re.findall(r"\bCOURSEPULSE_([A-Z_]+)(?=[:=\"\s])", text)}
    fields = {field.name.upper() for field in msgspec.structs.fields(Settings)}
    assert {"LOG", "POSTGRES", "CLICKHOUSE"} <= named
    assert named <= fields | {"IMAGE"}


def test_workers_are_added_by_numbers_that_a_server_tells() -> None:
    """Nothing would scale by a name that nobody writes."""
    rules = (DEPLOY / "helm/coursepulse/templates/autoscaling.yaml").read_text()
    named = {name.removesuffix("_bucket") for name in re.findall(r"\bcoursepulse_\w+", rules)}
    assert {"coursepulse_lag_events", "coursepulse_freshness_seconds"} <= named
    assert named <= FAMILIES.keys()
    values = (DEPLOY / "helm/coursepulse/values.yaml").read_text()
    for name in re.findall(r"\{\{ \.(\w+)", rules):
        assert re.search(rf"\b{name}:", values), name

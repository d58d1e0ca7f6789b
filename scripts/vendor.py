"""Copies the browser libraries from npm to where the pages load them, each with its licence."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "src/coursepulse/web/static/vendor"

FILES = (
    "htmx.org/dist/htmx.min.js",
    "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css",
)

LICENCES = (
    "echarts/LICENSE",
    "echarts/NOTICE",
    "htmx.org/LICENSE",
    "swagger-ui-dist/LICENSE",
    "swagger-ui-dist/NOTICE",
    "zrender/LICENSE",
)


def main() -> None:
    """Copy libraries that are used unchanged, and bundle the parts of ECharts that the cards use."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        shutil.copy(MODULES / file, TARGET)
    for file in LICENCES:
        package, name = file.split("/")
        shutil.copy(MODULES / file, TARGET / f"{package}.{name}")
    bundle_charts()


def bundle_charts() -> None:
    """Bundle ``echarts.js`` and its imports into one script that defines ``echarts``."""
    options = ["--bundle", "--minify", "--format=iife", "--global-name=echarts", "--target=es2020"]
    outfile = f"--outfile={TARGET / 'echarts.min.js'}"
    entry = Path(__file__).with_name("echarts.js")
    command = [MODULES / ".bin/esbuild", entry, *options, "--log-level=warning", outfile]
    subprocess.run(command, check=True, cwd=ROOT)


main()

"""Copies libraries and fonts from npm to where pages and reports load them, each with its licence."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "src/coursepulse/web/static/vendor"
PAPER = ROOT / "src/coursepulse/reports/vendor"

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
    "i18n-iso-countries/LICENSE",
    "topojson-client/LICENSE",
    "world-atlas/LICENSE",
    "zrender/LICENSE",
)

#: What reports are set in.
FONTS = {"noto-sans": "NotoSans", "noto-sans-arabic": "NotoSansArabic"}
WEIGHTS = ("400Regular", "600SemiBold")


def main() -> None:
    """Copy libraries that are used unchanged, and bundle the parts of ECharts that the cards use."""
    TARGET.mkdir(parents=True, exist_ok=True)
    PAPER.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        shutil.copy(MODULES / file, TARGET)
    for file in LICENCES:
        package, name = file.split("/")
        shutil.copy(MODULES / file, TARGET / f"{package}.{name}")
    bundle(TARGET / "echarts.min.js", "echarts.js", "echarts")
    bundle(TARGET / "world.min.js", "world.js", "echarts")
    bundle(PAPER / "paper.min.js", "paper.js", "paper")
    copy_fonts()


def bundle(outfile: Path, entry: str, name: str) -> None:
    """Bundle a script and its imports into one that defines ``name``."""
    options = ["--bundle", "--minify", "--format=iife", f"--global-name={name}", "--target=es2020"]
    paths = [Path(__file__).with_name(entry), f"--outfile={outfile}"]
    command = [MODULES / ".bin/esbuild", *paths, *options, "--log-level=warning"]
    subprocess.run(command, check=True, cwd=ROOT)


def copy_fonts() -> None:
    """Copy the fonts of reports."""
    for package, name in FONTS.items():
        folder = MODULES / "@expo-google-fonts" / package
        for weight in WEIGHTS:
            shutil.copy(folder / weight / f"{name}_{weight}.ttf", PAPER)
        shutil.copy(folder / "LICENSE_FONT", PAPER / f"{name}.LICENSE")


main()

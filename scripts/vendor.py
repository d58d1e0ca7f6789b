"""Copies the browser libraries that npm installed to where the pages load them from."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/coursepulse/web/static/vendor"

FILES = (
    "echarts/dist/echarts.min.js",
    "htmx.org/dist/htmx.min.js",
    "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css",
)

TARGET.mkdir(parents=True, exist_ok=True)
for file in FILES:
    shutil.copy(ROOT / "node_modules" / file, TARGET)

"""Refuses to build a package without the libraries and fonts, which come from npm and are not in git."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_NEEDED = {
    "src/coursepulse/web/static/vendor": (
        "echarts.min.js",
        "world.min.js",
        "htmx.min.js",
        "swagger-ui-bundle.js",
        "swagger-ui.css",
    ),
    "src/coursepulse/reports/vendor": ("paper.min.js", "NotoSans_400Regular.ttf", "NotoSans_600SemiBold.ttf"),
}


class BrowserLibraries(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before each wheel and sdist. An editable install does not need the libraries."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Check for the files that pages and reports load.

        :raises FileNotFoundError: naming what is missing and the command that fetches it
        """
        files = (Path(folder) / name for folder, names in _NEEDED.items() for name in names)
        missing = [str(file) for file in files if not (Path(self.root) / file).is_file()]
        if missing and version != "editable":
            raise FileNotFoundError(f"{', '.join(missing)} missing: run `make setup` first.")

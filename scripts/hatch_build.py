"""Refuses to build a package without the browser libraries, which come from npm and are not in git."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_NEEDED = ("echarts.min.js", "htmx.min.js", "swagger-ui-bundle.js", "swagger-ui.css")


class BrowserLibraries(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before each wheel and sdist. An editable install does not need the libraries."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Check for the files that the pages load.

        :raises FileNotFoundError: naming what is missing and the command that fetches it
        """
        folder = Path(self.root) / "src/coursepulse/web/static/vendor"
        missing = [name for name in _NEEDED if not (folder / name).is_file()]
        if missing and version != "editable":
            raise FileNotFoundError(f"{', '.join(missing)} missing in {folder}: run `make setup` first.")

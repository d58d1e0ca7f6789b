"""Where trained models are kept, which of them is shown, and which were before.

Models are files in open formats. A version never changes once it is published; the champion is the version
that is shown.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from coursepulse.insight.registry.files import FileRegistry
from coursepulse.insight.registry.mlflow import MlflowRegistry
from coursepulse.insight.registry.port import (
    DamagedModel,
    ModelRegistry,
    ModelVersion,
    NoSuchModel,
    Promotion,
    RegistryUnavailable,
)
from coursepulse.kit.errors import SettingError

__all__ = [
    "DamagedModel",
    "FileRegistry",
    "MlflowRegistry",
    "ModelRegistry",
    "ModelVersion",
    "NoSuchModel",
    "Promotion",
    "RegistryUnavailable",
    "open_registry",
]


def open_registry(url: str) -> ModelRegistry:
    """The registry of a URL: ``file:///path``, or ``mlflow://host:port``, or ``mlflows://`` over TLS.

    :raises SettingError: for any other
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path and not parts.netloc:
        return FileRegistry(Path(parts.path))
    if parts.scheme in ("mlflow", "mlflows") and parts.netloc:
        return MlflowRegistry(
            f"{'https' if parts.scheme == 'mlflows' else 'http'}://{parts.netloc}{parts.path}"
        )
    raise SettingError(f"Models are kept at file:///path or mlflow://host:port, not at {url!r}.")

"""Reads the files of this folder with the tools of .venv-deploy, whose interpreter runs this.

``read.py chart FOLDER [VALUES]`` renders the chart as ``helm template`` would, and checks each object against the
schema of its kind. ``read.py compose FILE`` reads the file as the Compose specification says. Both print JSON.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

KUBERNETES = "1.37"

#: Kinds whose schema is that of their own project.
FOREIGN = {"ScaledObject"}


def read_chart(folder: str, *values: str) -> dict[str, Any]:
    import helm_python
    import kubernetes_validate

    chosen = [yaml.safe_load(Path(each).read_text()) for each in values]
    found = helm_python.lint(folder, strict=True)
    complaints = [f"{each['path']}: {each['error']}" for each in found["messages"] if each["severity"] > 1]
    with helm_python.Chart.load(folder) as chart:
        rendered = chart.render(chosen[0] if chosen else None, name="cp", namespace="analytics")
    objects = [each for text in rendered.values() for each in yaml.safe_load_all(text) if each]
    for each in objects:
        if each["kind"] in FOREIGN:
            continue
        try:
            kubernetes_validate.validate(each, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            complaints.append(f"{each['kind']} {each['metadata']['name']}: {error}")
    return {"objects": objects, "complaints": [*complaints, *found["errors"]]}


def read_compose(path: str) -> dict[str, Any]:
    from compose_spec import PyCompose

    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", Path(path).read_text())
    text = re.sub(r"\$\{\w+:\?\}", "secret", text)
    try:
        compose = PyCompose.from_yaml(yaml.safe_dump(yaml.safe_load(text)))
        compose.validate()
    except ValueError as error:
        return {"services": [], "complaints": [str(error)]}
    return {"services": compose.service_names(), "complaints": []}


if __name__ == "__main__":
    print(json.dumps({"chart": read_chart, "compose": read_compose}[sys.argv[1]](*sys.argv[2:])))

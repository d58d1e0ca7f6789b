"""A registry on an MLflow server, over its REST API.

MLflow's own client would bring more packages than all of coursepulse, for a dozen requests that have been stable for
years. A version is a run with its files as artifacts, and a registered version that points at it; the alias
``champion`` is what other tools load.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from coursepulse.insight.registry.port import (
    REMEMBERED,
    DamagedModel,
    ModelVersion,
    NoSuchModel,
    Promotion,
    RegistryUnavailable,
    check_files,
    check_name,
)

_API = "/api/2.0/mlflow"
_ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
_ALIAS, _EXPERIMENT = "champion", "coursepulse"
_AT, _FILES, _HISTORY = "coursepulse.at", "coursepulse.files", "coursepulse.champions"
_MISSING = "RESOURCE_DOES_NOT_EXIST"
_EXISTS = "RESOURCE_ALREADY_EXISTS"
_PAGE = 200

#: Seconds for an answer.
_PATIENCE = 30


class _MlflowRefusal(RegistryUnavailable):
    """An answer that is an error; ``code`` is MLflow's word for it."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class MlflowRegistry:
    """Models on a server that other tools can read too."""

    def __init__(self, address: str, transport: httpx.BaseTransport | None = None) -> None:
        """Nothing is opened, so nothing has to be closed: each request has a connection of its own.

        :param address: such as ``http://localhost:5000``
        """
        self._address = address
        self._transport = transport

    def publish(self, name: str, files: Mapping[str, bytes], at: str) -> int:
        check_files(files)
        self._make(check_name(name))
        run = self._begin_run(name, at)
        for each, content in files.items():
            self._send("PUT", _artifact(run["artifact_uri"], each), content=content)
        sums = {each: hashlib.sha256(content).hexdigest() for each, content in files.items()}
        self._post("runs/update", run_id=run["run_id"], status="FINISHED", end_time=_millis(at))
        tags = {_AT: at, _FILES: msgspec.json.encode(sums).decode()}
        # The version is registered last: a run without one is a publication that did not happen.
        made = self._post(
            "model-versions/create",
            name=name,
            source=run["artifact_uri"],
            run_id=run["run_id"],
            tags=[{"key": key, "value": value} for key, value in tags.items()],
        )
        return int(made["model_version"]["version"])

    def read(self, name: str, number: int) -> dict[str, bytes]:
        version = self._version(name, number)
        sums = msgspec.json.decode(_tags(version).get(_FILES, "{}"), type=dict[str, str])
        return {each: self._file(version["source"], each, expected) for each, expected in sums.items()}

    def versions(self, name: str) -> list[ModelVersion]:
        found: list[ModelVersion] = []
        page: dict[str, str] = {}
        while True:
            wish = {"filter": f"name='{check_name(name)}'", "max_results": str(_PAGE), **page}
            answer = self._get("model-versions/search", **wish)
            rows = answer.get("model_versions", [])
            found += [ModelVersion(int(each["version"]), _tags(each).get(_AT, "")) for each in rows]
            if not answer.get("next_page_token"):
                return sorted(found, key=lambda each: -each.number)
            page = {"page_token": answer["next_page_token"]}

    def promote(self, name: str, number: int, at: str) -> None:
        self._version(name, number)
        self._keep(name, [Promotion(number, at), *self.history(name)][:REMEMBERED])

    def champion(self, name: str) -> int | None:
        try:
            answer = self._get("registered-models/alias", name=check_name(name), alias=_ALIAS)
        except _MlflowRefusal as refused:
            if refused.code in (_MISSING, "INVALID_PARAMETER_VALUE"):
                return None
            raise
        return int(answer["model_version"]["version"])

    def roll_back(self, name: str) -> int:
        held = self.history(name)
        if len(held) < 2:
            raise NoSuchModel(f"There was no champion of {name} before this one.")
        self._keep(name, held[1:])
        return held[1].number

    def history(self, name: str) -> list[Promotion]:
        try:
            answer = self._get("registered-models/get", name=check_name(name))
        except _MlflowRefusal as refused:
            if refused.code == _MISSING:
                return []
            raise
        text = _tags(answer["registered_model"]).get(_HISTORY, "[]")
        return msgspec.json.decode(text, type=list[Promotion])

    def _keep(self, name: str, promotions: Sequence[Promotion]) -> None:
        text = msgspec.json.encode(promotions).decode()
        self._post("registered-models/set-tag", name=name, key=_HISTORY, value=text)
        self._post("registered-models/alias", name=name, alias=_ALIAS, version=str(promotions[0].number))

    def _make(self, name: str) -> None:
        try:
            self._post("registered-models/create", name=name)
        except _MlflowRefusal as refused:
            if refused.code != _EXISTS:
                raise

    def _begin_run(self, name: str, at: str) -> dict[str, str]:
        made = self._post(
            "runs/create", experiment_id=self._experiment(), run_name=name, start_time=_millis(at)
        )
        info: dict[str, str] = made["run"]["info"]
        if not info["artifact_uri"].startswith("mlflow-artifacts:"):
            raise RegistryUnavailable("The MLflow server must serve artifacts itself: --serve-artifacts.")
        return info

    def _experiment(self) -> str:
        try:
            found = self._get("experiments/get-by-name", experiment_name=_EXPERIMENT)
            return str(found["experiment"]["experiment_id"])
        except _MlflowRefusal as refused:
            if refused.code != _MISSING:
                raise
        return str(self._post("experiments/create", name=_EXPERIMENT)["experiment_id"])

    def _version(self, name: str, number: int) -> dict[str, Any]:
        try:
            answer = self._get("model-versions/get", name=check_name(name), version=str(number))
        except _MlflowRefusal as refused:
            if refused.code in (_MISSING, "INVALID_PARAMETER_VALUE"):
                raise NoSuchModel(f"There is no version {number} of {name}.") from None
            raise
        version: dict[str, Any] = answer["model_version"]
        return version

    def _file(self, source: str, name: str, expected: str) -> bytes:
        try:
            content = self._send("GET", _artifact(source, name)).content
        except RegistryUnavailable:
            raise DamagedModel(f"{name} is missing from {source}.") from None
        if hashlib.sha256(content).hexdigest() != expected:
            raise DamagedModel(f"{name} in {source} is not what was published.")
        return content

    def _get(self, path: str, **wish: str) -> dict[str, Any]:
        return self._decoded(self._send("GET", f"{_API}/{path}", params=wish))

    def _post(self, path: str, **body: object) -> dict[str, Any]:
        return self._decoded(self._send("POST", f"{_API}/{path}", json=body))

    def _decoded(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            found: dict[str, Any] = answer.json()
        except ValueError:
            raise RegistryUnavailable(f"{self._address} does not answer as MLflow does.") from None
        return found

    def _send(self, method: str, path: str, **wish: Any) -> httpx.Response:
        try:
            with httpx.Client(base_url=self._address, transport=self._transport, timeout=_PATIENCE) as client:
                answer = client.request(method, path, **wish)
        except httpx.HTTPError as error:
            raise RegistryUnavailable(f"The MLflow server at {self._address} fails: {error}.") from error
        if answer.is_success:
            return answer
        raise _refusal(answer)


def _refusal(answer: httpx.Response) -> RegistryUnavailable:
    try:
        code = str(answer.json()["error_code"])
    except (ValueError, KeyError, TypeError):
        return RegistryUnavailable(f"{answer.url} answers {answer.status_code}.")
    return _MlflowRefusal(code, f"{answer.url.path} answers {code}.")


def _artifact(source: str, name: str) -> str:
    """Where the server keeps a file: ``mlflow-artifacts:/1/run/artifacts`` names a path below its own address."""
    return f"{_ARTIFACTS}/{quote(source.partition(':')[2].lstrip('/'))}/{name}"


def _tags(of: Mapping[str, Any]) -> dict[str, str]:
    return {each["key"]: each["value"] for each in of.get("tags", [])}


def _millis(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp() * 1000)

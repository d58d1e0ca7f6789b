"""``coursepulse audit``: the audit trail, over the API of a running server."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import httpx
import msgspec
import typer

from coursepulse.cli.tables import print_lines
from coursepulse.kit.errors import CoursepulseError, RequestError, SettingError

#: Seconds between two pieces of an answer; walking years of entries takes a while before the first.
_TIMEOUT = 600.0

Wish = dict[str, str]

#: Every option that narrows a search, by the name of its parameter in the API.
_FILTERS: dict[str, Any] = {
    "actor": typer.Option("--actor", help="The account or key, such as key:local."),
    "subject": typer.Option("--subject", help="A pseudonym, a course or an account."),
    "student": typer.Option("--student", help="The platform's own id of a student."),
    "tag": typer.Option("--tag", help="A tag such as metrics:student:read, or its beginning."),
    "text": typer.Option("--text", help="Part of any text of the entry."),
    "from": typer.Option("--from", help="First moment, ISO 8601, UTC."),
    "to": typer.Option("--to", help="Moment after the last, ISO 8601, UTC."),
}


def takes_search(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a search; it gets those that were used as ``wish``."""

    # With a letter in front of it ``from`` is a name in Python, too.
    @functools.wraps(command)
    def run(**given: Any) -> None:
        wish = {name: word for name in _FILTERS if (word := given.pop(f"f_{name}"))}
        command(**given, wish=wish)

    added = [_parameter(f"f_{name}", option) for name, option in _FILTERS.items()]
    own = inspect.signature(command, eval_str=True).parameters
    taken = [each for name, each in own.items() if name != "wish"] + added
    run.__signature__ = inspect.Signature(taken)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in taken}
    return run


def _parameter(name: str, option: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default="", annotation=Annotated[str, option]
    )


def verify(url: str, key: str, *, as_json: bool = False) -> None:
    """Walk the chain and say what was found.

    :raises CoursepulseError: naming the first broken link
    """
    answer = _ask(url, key, "/v1/audit/verify", {})
    found = msgspec.json.decode(answer)
    if as_json:
        sys.stdout.buffer.write(answer + b"\n")
    else:
        _tell(found)
    if not found["holds"]:
        raise CoursepulseError(f"The audit trail is broken at entry {found['broken']}: {found['reason']}.")


def search(url: str, key: str, wish: Wish, *, as_json: bool = False) -> None:
    """Print entries, newest first."""
    answer = _ask(url, key, "/v1/audit", wish)
    if as_json:
        sys.stdout.buffer.write(answer + b"\n")
        return
    found = msgspec.json.decode(answer)
    for entry in found["entries"]:
        _print_entry(entry)
    if found["next"]:
        print_lines([f"There are more: --after {found['next']}"])


def export(url: str, key: str, wish: Wish, file: Path | None) -> None:
    """Write every entry that fits to ``file``, or to standard output."""
    download(url, key, "/v1/audit/export", wish, file)


def download(url: str, key: str, path: str, wish: Wish, file: Path | None) -> None:
    """Write an answer to ``file``, or to standard output, as it comes.

    :raises SettingError: when the file cannot be written
    """
    if file is None:
        _copy(url, key, path, wish, sys.stdout.buffer)
        return
    try:
        with file.open("wb") as out:
            _copy(url, key, path, wish, out)
    except OSError as error:
        raise SettingError(f"{file} cannot be written: {error.strerror}.") from None


def _tell(found: dict[str, Any]) -> None:
    head, anchor = found["head"], found["anchor"]
    print_lines([f"{found['checked']:,} entries hold.", f"head    {head['number']}  {head['hash']}"])
    if anchor:
        print_lines([f"anchor  {anchor['number']}  {anchor['hash']}"])


def _copy(url: str, key: str, path: str, wish: Wish, out: BinaryIO) -> None:
    with _client(url, key) as http, http.stream("GET", path, params=wish) as answer:
        if answer.is_error:
            answer.read()
            raise _refusal(answer)
        out.writelines(answer.iter_bytes())
        out.flush()


def _ask(url: str, key: str, path: str, wish: Wish) -> bytes:
    with _client(url, key) as http:
        answer = http.get(path, params=wish)
    if answer.is_error:
        raise _refusal(answer)
    return answer.content


@contextmanager
def _client(url: str, key: str) -> Iterator[httpx.Client]:
    try:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=_TIMEOUT) as http:
            yield http
    except httpx.HTTPError as error:
        raise SettingError(f"The server at {url} does not answer: {error}.") from None


def _refusal(answer: httpx.Response) -> RequestError:
    try:
        problem = answer.json()
        return RequestError(problem["code"], problem["sentence"], answer.status_code)
    except (ValueError, KeyError, TypeError):
        return RequestError("refused", f"The server answered {answer.status_code}.", answer.status_code)


def _print_entry(entry: dict[str, Any]) -> None:
    """One line about what was done, and one for each thing more that is known: a table would cut all of them."""
    when = entry["at"][:19].replace("T", " ")
    lines = [f"{entry['number']}  {when}  {entry['who']} ({entry['role']})  {entry['tag']}"]
    more = {"about": entry["subject"], "why": entry["purpose"], "detail": entry["detail"]}
    lines += [f"    {name:<8}{value}" for name, value in more.items() if value]
    print_lines(lines)

"""Encodings: read right or refused in one sentence that names the file, and never stored spoiled or merged."""

from __future__ import annotations

import codecs
import gzip
import io
import json
from pathlib import Path
from typing import NamedTuple

import pytest

from coursepulse.cli.consents import _read
from coursepulse.cli.users import read_password
from coursepulse.formats.outcome import Refused
from coursepulse.importers import encoding
from coursepulse.importers.encoding import WINDOWS, find_encoding
from coursepulse.importers.oneroster_files import Package
from coursepulse.importers.reading import read_table, read_texts
from coursepulse.importers.statements import openedx_files
from coursepulse.kit.errors import RequestError, SettingError

MARKED = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32": b"",
}
WIDE = [
    *[(name, mark) for name, mark in MARKED.items() if name != "utf-8"],
    ("utf-16-le", b""),
    ("utf-16-be", b""),
]
NAMES = "id,name\nkäse,José Müller\nkése,Zoë Ångström\nk’se,d’Été – Straße\n"


class Named(NamedTuple):
    id: str
    name: str


def rows(path: Path) -> list[Named | None]:
    return [row for _, row, _ in read_table(path, Named)]


WANTED = [Named(*line.split(",")) for line in NAMES.splitlines()[1:]]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("name", "mark"), [*WIDE, ("utf-8", b""), ("cp1252", b"")])
def test_a_table_is_read_right_in_each_encoding(tmp_path: Path, name: str, mark: bytes, packed: bool) -> None:
    content = mark + NAMES.encode(name)
    path = tmp_path / "names.csv"
    path.write_bytes(gzip.compress(content) if packed else content)
    assert rows(path) == WANTED


@pytest.mark.parametrize(
    "content",
    [
        NAMES.replace("’", "'").encode("mac_roman"),
        NAMES.replace("’", "'").replace("–", "-").encode("cp850"),
        "id,name\n1,Иван\n".encode("cp1251"),
        "id,name\n1,山田太郎\n".encode("shift_jis"),
        "id,name\n1,Łukasz Małysz\n".encode("cp1250"),
        "id,name\n1,José\n".encode() + "2,Müller\n".encode("cp1252"),
        codecs.BOM_UTF16_LE + "id,name\n".encode("utf-16-le") + b"x",
    ],
    ids=["mac", "dos", "cyrillic", "japanese", "polish", "two at once", "half a character"],
)
def test_a_table_in_another_encoding_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=r"^names\.csv is neither UTF-8 nor .*: save it as UTF-8\.$"):
        rows(path)


def test_an_encoding_is_found_out_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_CHUNK", 5)
    assert find_encoding(io.BytesIO(NAMES.encode()), "x") == "utf-8-sig"
    assert find_encoding(io.BytesIO(NAMES.encode("cp1252")), "x") == WINDOWS
    with pytest.raises(RequestError):
        find_encoding(io.BytesIO(b"abcd" + "Иван".encode("cp1251")), "x")


LINES = [{"name": "José", "n": 1}, {"name": "Müller", "n": 2}]


@pytest.mark.parametrize("as_array", [False, True])
@pytest.mark.parametrize(("name", "mark"), WIDE)
def test_json_texts_are_read_right_in_each_encoding(
    tmp_path: Path, name: str, mark: bytes, as_array: bool
) -> None:
    texts = [json.dumps(line, ensure_ascii=False) for line in LINES]
    content = f"[{', '.join(texts)}]" if as_array else "\r\n".join(texts) + "\n"
    path = tmp_path / "events.json"
    path.write_bytes(mark + content.encode(name))
    assert [json.loads(text.body) for text in read_texts(path)] == LINES


def test_a_stream_that_stops_being_utf_16_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(codecs.BOM_UTF16_LE + '{"a": 1}\n'.encode("utf-16-le") + b"\x00\xdc\x00")
    with pytest.raises(RequestError, match=r"^events\.json begins as UTF-16"):
        list(read_texts(path))


@pytest.mark.parametrize("as_array", [False, True])
def test_only_the_text_that_is_no_utf_8_is_refused(tmp_path: Path, as_array: bool) -> None:
    line = (
        '{"event_type": "seq_next", "time": "2026-11-16T10:00:00Z", '
        '"context": {"user_id": %s}, "event": {"id": "%s"}}'
    )
    texts = [(line % (1, "a")).encode(), (line % (2, "é")).encode("cp1252"), (line % (3, "é")).encode()]
    path = tmp_path / "tracking.log"
    path.write_bytes(b"[" + b",\n".join(texts) + b"]" if as_array else b"\n".join(texts))
    found = list(openedx_files([path]).records())
    assert len(found) == 3
    refused = [each.outcome for each in found if isinstance(each.outcome, Refused)]
    assert [each.sentence for each in refused] == ["The text is not UTF-8."]
    assert found[1].body == texts[1], "as it was read, to be looked at"


ORGS = "sourcedId,name\r\nkäse,Käserei\r\nkése,Késerei\r\n"


def package(folder: Path, orgs: bytes) -> Package:
    (folder / "manifest.csv").write_text("oneroster.version,1.1\r\nfile.orgs,bulk\r\n")
    (folder / "orgs.csv").write_bytes(orgs)
    return Package(folder)


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_ids_of_a_roster_stay_apart(tmp_path: Path, name: str) -> None:
    found = package(tmp_path, ORGS.encode(name))
    assert [line.row["sourcedId"] for line in found.lines("orgs") if line.row] == ["käse", "kése"]
    said = ["orgs.csv is not UTF-8; it was read as Windows-1252."] if name == "cp1252" else []
    assert found.notes == said


def test_a_roster_in_another_encoding_is_refused_before_a_row(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"^orgs\.csv is neither UTF-8"):
        package(tmp_path, ORGS.encode("mac_roman"))


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_a_roster_with_other_marks_between_fields_is_refused_and_told(tmp_path: Path, mark: str) -> None:
    with pytest.raises(RequestError, match=r"divided by .*, and CSV has commas"):
        package(tmp_path, ORGS.replace(",", mark).encode())


CONSENTS = "external_id,purpose,granted,at\nkäse,analytics,yes,2026-01-01T00:00:00Z\n"


@pytest.mark.parametrize("name", ["utf-8-sig", "utf-16", "cp1252"])
def test_consents_are_those_of_the_right_person(tmp_path: Path, name: str) -> None:
    path = tmp_path / "consents.csv"
    path.write_bytes(CONSENTS.encode(name))
    assert [row["external_id"] for _, row in _read(path)] == ["käse"]


def test_consents_in_another_encoding_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "consents.csv"
    path.write_bytes(CONSENTS.encode("mac_roman"))
    with pytest.raises(RequestError, match=r"^consents\.csv is neither UTF-8"):
        list(_read(path))


def test_a_password_is_read_without_its_mark_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes("geheim".encode("utf-8-sig"))
    assert read_password(path) == "geheim"
    path.write_bytes("geheim".encode("utf-16"))
    with pytest.raises(SettingError, match="is not UTF-8"):
        read_password(path)

"""Files: plain and gzip, lines and arrays, whole and damaged."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from coursepulse.formats.oulad_tables import StudentVle
from coursepulse.importers import reading
from coursepulse.importers.reading import read_table, read_texts
from coursepulse.kit.errors import RequestError

CLICKS = "code_module,code_presentation,id_student,id_site,date,sum_click\n"


def bodies(path: Path) -> list[bytes]:
    return [text.body for text in read_texts(path)]


@pytest.mark.parametrize("packed", [False, True])
def test_lines_keep_their_numbers(tmp_path: Path, packed: bool) -> None:
    content = b'\xef\xbb\xbf{"a": 1}\n\n  {"a": 2}\r\nnot json\n{"a": 3}'
    path = tmp_path / "events.log"
    path.write_bytes(gzip.compress(content) if packed else content)
    found = list(read_texts(path))
    assert [text.place for text in found] == ["line 1", "line 3", "line 4", "line 5"]
    assert [text.body for text in found] == [b'{"a": 1}', b'{"a": 2}', b"not json", b'{"a": 3}']
    assert found[-1].done == path.stat().st_size


def test_an_array_is_read_element_by_element_whatever_its_layout(tmp_path: Path) -> None:
    wanted = [{"number": number, "text": "],[{" * 50} for number in range(2000)]
    path = tmp_path / "events.json"
    path.write_text(json.dumps(wanted, indent=1))
    assert [json.loads(body) for body in bodies(path)] == wanted
    path.write_text("\n".join(json.dumps(wanted[start : start + 500]) for start in range(0, 2000, 500)))
    assert [json.loads(body) for body in bodies(path)] == wanted


def test_an_element_larger_than_a_chunk_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(json.dumps([{"a": "x" * 300_000}, {"a": "é"}], ensure_ascii=False))
    assert [len(json.loads(body)["a"]) for body in bodies(path)] == [300_000, 1]


ONE = {"id": "1", "actor": {"name": "ä [{"}, "result": {"more": "}"}}
TWO = {"id": "2", "statements": 0}


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("breaks", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (json.dumps(ONE, indent=2, ensure_ascii=False), [ONE]),
        (json.dumps(ONE, indent=2) + "\n" + json.dumps(TWO, indent=2), [ONE, TWO]),
        (json.dumps({"statements": [ONE, TWO], "more": "/next?a=}"}, indent=4), [ONE, TWO]),
        (json.dumps({"more": "", "statements": [ONE, TWO]}, indent="\t"), [ONE, TWO]),
        (json.dumps({"statements": [ONE, TWO]}), [ONE, TWO]),
        (json.dumps({"statements": [], "more": None}) * 2 + json.dumps({"statements": [TWO]}), [TWO]),
        ('{"statements":\n[\n' + json.dumps(ONE) + ",\n" + json.dumps(TWO) + "\n]}\n", [ONE, TWO]),
        (json.dumps(TWO) + "\n" + json.dumps(ONE), [TWO, ONE]),
    ],
)
def test_texts_are_found_in_every_form(
    tmp_path: Path, content: str, wanted: list[object], breaks: str, mark: str
) -> None:
    path = tmp_path / "answer.json"
    path.write_bytes((mark + content).replace("\n", breaks).encode())
    assert [json.loads(body) for body in bodies(path)] == wanted


def test_an_answer_larger_than_a_chunk_is_read_statement_by_statement(tmp_path: Path) -> None:
    wanted = [{"number": number, "text": "x" * 90} for number in range(3000)]
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"statements": wanted, "more": "/" + "y" * 5000}))
    found = list(read_texts(path))
    assert [json.loads(text.body) for text in found] == wanted
    assert found[0].done < path.stat().st_size


def test_a_first_line_that_was_cut_off_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "events.log"
    path.write_text('{"a": 1,\n{"a": 2}\n{"a": 3}\n')
    assert bodies(path) == [b'{"a": 1,', b'{"a": 2}', b'{"a": 3}']


def test_an_answer_that_was_cut_off_gives_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text('{"statements": [{"a": 1}, {"a": 2}], "mo')
    found = list(read_texts(path))
    assert [text.body for text in found] == [b'{"a": 1}', b'{"a": 2}', b'"mo']
    assert found[-1].place == "element 3 and everything after it"


def test_a_broken_element_is_handed_on_as_the_last(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text('[{"a": 1}, {"a": }, {"a": 3}]')
    found = list(read_texts(path))
    assert [text.place for text in found] == ["element 1", "element 2 and everything after it"]


def test_a_file_of_nothing_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    for content in (b"", b"\n \n", b"[]", gzip.compress(b"")):
        path.write_bytes(content)
        assert bodies(path) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"Cannot read .*absent\.json: No such file"):
        bodies(tmp_path / "absent.json")


def test_a_gzip_file_that_was_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.json.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n' * 9)[:-9])
    with pytest.raises(RequestError, match=r"cut\.json\.gz is damaged or cut off"):
        bodies(path)


def test_tables_find_their_columns_by_name(tmp_path: Path) -> None:
    path = tmp_path / "studentVle.csv"
    path.write_text(
        '"sum_click","extra",id_site,id_student,date,code_presentation,code_module\n4,x,7,1,-3,2013J,AAA\n1\n'
    )
    rows = [(number, row) for number, row, _ in read_table(path, StudentVle)]
    assert rows == [(2, StudentVle("AAA", "2013J", "1", "7", "-3", "4")), (3, None)]


def test_a_table_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "studentVle.csv"
    path.write_text(CLICKS.replace("sum_click", "clicks"))
    with pytest.raises(RequestError, match="has no column sum_click"):
        list(read_table(path, StudentVle))


def test_a_long_broken_element_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_LONGEST", 1000)
    path = tmp_path / "events.json"
    path.write_text('[{"a": ' + "x" * 500_000)
    (found,) = read_texts(path)
    assert len(found.body) <= 1 << 16
    assert found.done < path.stat().st_size

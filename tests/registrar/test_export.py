"""Export: the files that the register takes, never in the place of others."""

import csv
import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from protocol.provenance import Provenance
from registrar.cli import main
from registrar.errors import RegistrarError, UsageError
from registrar.export import Exported, export_photos
from registrar.serve import Server
from tests.town import Town, picture, provenance, record


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Server(tmp_path / "registrar") as server:
        town = Town(server, tmp_path / "booth", students=4)
        for number in (1, 2):
            town.client().send(town.envelope(number))
        yield town


def nothing() -> None:
    """Tell nobody."""


def test_each_photo_is_a_file_named_by_its_student_number(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "photos"
    assert export_photos(town.store, folder, nothing) == Exported(2, ())
    assert sorted(path.name for path in folder.iterdir()) == [
        "2022000001.jpg",
        "2022000001.provenance.json",
        "2022000002.jpg",
        "2022000002.provenance.json",
        "photos.csv",
    ]
    assert (folder / "2022000001.jpg").read_bytes() == picture(1)
    with (folder / "photos.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["student_no"], row["name"]) for row in rows] == [
        ("2022000001", "学生1"),
        ("2022000002", "学生2"),
    ]


def test_an_export_done_again_adds_what_is_new(town: Town, tmp_path: Path) -> None:
    export_photos(town.store, tmp_path / "out", nothing)
    before = (tmp_path / "out" / "2022000001.jpg").stat().st_mtime_ns
    town.client().send(town.envelope(3))
    assert export_photos(town.store, tmp_path / "out", nothing) == Exported(3, ())
    assert (tmp_path / "out" / "2022000001.jpg").stat().st_mtime_ns == before
    assert (tmp_path / "out" / "2022000003.jpg").read_bytes() == picture(3)


def test_each_photos_record_lies_beside_it_and_names_nobody(town: Town, tmp_path: Path) -> None:
    export_photos(town.store, tmp_path / "out", nothing)
    path = tmp_path / "out" / "2022000002.provenance.json"
    record = Provenance.model_validate_json(path.read_bytes())
    assert record == provenance(picture(2), town.key)
    for said in ("学生2", "record-2", "2022000002"):
        assert said not in path.read_text("utf-8")


def listed(folder: Path) -> list[str]:
    with (folder / "photos.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["student_no"] for row in csv.DictReader(file)]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["2022000001.provenance.json", "2022000001.jpg"])
def test_other_content_is_never_overwritten_and_stops_no_other_photo(
    town: Town, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / name).write_bytes(b"somebody else's")
    done = export_photos(town.store, folder, nothing)
    assert done.photos == 1
    assert done.left_out == (
        f"{folder / name}: is there with other content; export to another folder",
    )
    assert (folder / name).read_bytes() == b"somebody else's"
    assert [path.name for path in folder.glob("2022000001*")] == [name]
    assert listed(folder) == ["2022000002"]


def test_an_empty_file_of_an_export_cut_short_on_a_stick_is_no_other_content(
    town: Town, tmp_path: Path
) -> None:
    (tmp_path / "2022000001.jpg").touch()
    assert export_photos(town.store, tmp_path, nothing).left_out == ()
    assert (tmp_path / "2022000001.jpg").read_bytes() == picture(1)


def test_a_list_that_is_not_the_exports_own_is_left_alone(town: Town, tmp_path: Path) -> None:
    (tmp_path / "photos.csv").write_text("holiday,beach\n")
    with pytest.raises(UsageError, match=r"photos\.csv"):
        export_photos(town.store, tmp_path, nothing)
    assert (tmp_path / "photos.csv").read_text() == "holiday,beach\n"


def test_a_permitted_second_photo_takes_the_firsts_place_in_a_new_export(
    town: Town, tmp_path: Path
) -> None:
    town.store.records.grant("record-1")
    town.client().send(town.envelope(11, of_student=1))
    export_photos(town.store, tmp_path / "out", nothing)
    assert (tmp_path / "out" / "2022000001.jpg").read_bytes() == picture(11)


def change(town: Town, sql: str) -> None:
    """Change the data file as an older registrar, or a disk, has left it."""
    with closing(sqlite3.connect(town.store.folder / "registrar.sqlite")) as db, db:
        db.execute(sql)


@pytest.mark.parametrize("student_no", ["", "0", "a/b", "con"])
def test_a_photo_that_cannot_be_named_stops_no_other(
    town: Town, tmp_path: Path, student_no: str
) -> None:
    change(town, f"UPDATE record SET student_no = '{student_no}' WHERE record_id = 'record-1'")
    done = export_photos(town.store, tmp_path / "out", nothing)
    assert done.photos == 1
    assert len(done.left_out) == 1
    assert "record-1" in done.left_out[0]
    assert "mend the roster" in done.left_out[0]
    assert listed(tmp_path / "out") == ["2022000002"]


def test_two_records_of_one_number_stop_no_other_and_are_exported_once_mended(
    town: Town, tmp_path: Path
) -> None:
    town.client().send(town.envelope(3))
    change(town, "UPDATE record SET student_no = 'a21' WHERE record_id = 'record-1'")
    change(town, "UPDATE record SET student_no = 'A21' WHERE record_id = 'record-3'")
    done = export_photos(town.store, tmp_path / "out", nothing)
    assert done.photos == 1
    assert len(done.left_out) == 2
    assert all("record-1 and record-3" in reason for reason in done.left_out)
    before = files(tmp_path / "out")
    assert export_photos(town.store, tmp_path / "out", nothing) == done
    assert files(tmp_path / "out") == before
    town.store.records.import_records([record(3)])
    assert export_photos(town.store, tmp_path / "out", nothing) == Exported(3, ())
    assert (tmp_path / "out" / "a21.jpg").read_bytes() == picture(1)


@pytest.mark.parametrize(
    "damage", ["metadata = '{'", "receipt = '[]'", "jpeg = x'00'", "jpeg = x''"]
)
def test_a_photo_that_the_disk_has_damaged_stops_no_other(
    town: Town, tmp_path: Path, damage: str
) -> None:
    change(town, f"UPDATE photo SET {damage} WHERE record_id = 'record-1'")
    done = export_photos(town.store, tmp_path / "out", nothing)
    assert done.photos == 1
    assert "record record-1: " in done.left_out[0]
    assert "from a copy" in done.left_out[0]


def test_an_export_that_left_some_out_says_which_and_fails(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(town, "UPDATE record SET student_no = '0' WHERE record_id = 'record-1'")
    words = ["export", "--data", str(town.store.folder), str(tmp_path / "out")]
    assert main(words) == 1
    said = capsys.readouterr()
    assert "1 photos and photos.csv" in said.out
    assert "left out: record record-1: has no student number; mend the roster" in said.err


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as on a stick: no hard links, no permissions."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "chmod", refuse)
    return tmp_path / "stick"


def test_photos_are_exported_to_a_stick_and_again(town: Town, stick: Path) -> None:
    assert export_photos(town.store, stick, nothing) == Exported(2, ())
    before = files(stick)
    assert export_photos(town.store, stick, nothing) == Exported(2, ())
    assert files(stick) == before
    assert before["2022000001.jpg"] == picture(1)


def test_a_file_in_the_folders_place_is_named(town: Town, tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(RegistrarError, match="out"):
        export_photos(town.store, tmp_path / "out", nothing)

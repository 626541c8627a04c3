"""Export: the files that the register takes, never in the place of others."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.provenance import Provenance
from registrar.errors import RegistrarError, UsageError
from registrar.export import export_photos
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
    assert export_photos(town.store, folder, nothing) == 2
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
    assert export_photos(town.store, tmp_path / "out", nothing) == 3
    assert (tmp_path / "out" / "2022000001.jpg").stat().st_mtime_ns == before
    assert (tmp_path / "out" / "2022000003.jpg").read_bytes() == picture(3)


def test_each_photos_record_lies_beside_it_and_names_nobody(town: Town, tmp_path: Path) -> None:
    export_photos(town.store, tmp_path / "out", nothing)
    path = tmp_path / "out" / "2022000002.provenance.json"
    record = Provenance.model_validate_json(path.read_bytes())
    assert record == provenance(picture(2), town.key)
    for said in ("学生2", "record-2", "2022000002"):
        assert said not in path.read_text("utf-8")


def test_another_record_is_never_overwritten(town: Town, tmp_path: Path) -> None:
    taken = tmp_path / "2022000001.provenance.json"
    taken.write_bytes(b"somebody else's")
    with pytest.raises(UsageError, match=r"2022000001\.provenance\.json"):
        export_photos(town.store, tmp_path, nothing)
    assert [path.name for path in tmp_path.glob("2022*")] == [taken.name]


def test_other_content_is_never_overwritten(town: Town, tmp_path: Path) -> None:
    taken = tmp_path / "2022000002.jpg"
    taken.write_bytes(b"somebody else's")
    with pytest.raises(UsageError, match=r"2022000002\.jpg"):
        export_photos(town.store, tmp_path, nothing)
    assert taken.read_bytes() == b"somebody else's"
    assert not (tmp_path / "2022000001.jpg").exists()


def test_a_list_that_is_not_the_exports_own_is_left_alone(town: Town, tmp_path: Path) -> None:
    (tmp_path / "photos.csv").write_text("holiday,beach\n")
    with pytest.raises(UsageError, match=r"photos\.csv"):
        export_photos(town.store, tmp_path, nothing)
    assert (tmp_path / "photos.csv").read_text() == "holiday,beach\n"


def test_a_permitted_second_photo_takes_the_firsts_place_in_a_new_export(
    town: Town, tmp_path: Path
) -> None:
    town.store.grant("record-1")
    town.client().send(town.envelope(11, of_student=1))
    export_photos(town.store, tmp_path / "out", nothing)
    assert (tmp_path / "out" / "2022000001.jpg").read_bytes() == picture(11)


@pytest.mark.parametrize("student_no", ["", "0", "2022000002"])
def test_a_photo_that_no_number_names_stops_the_export(
    town: Town, tmp_path: Path, student_no: str
) -> None:
    town.store.import_records([record(1, student_no=student_no)])
    with pytest.raises(UsageError, match="mend the roster"):
        export_photos(town.store, tmp_path / "out", nothing)


def test_a_file_in_the_folders_place_is_named(town: Town, tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(RegistrarError, match="out"):
        export_photos(town.store, tmp_path / "out", nothing)

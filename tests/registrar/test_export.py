"""Export: the files that the platform takes, of approved photos only, never in place of others."""

import csv
import errno
import hashlib
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from protocol.provenance import Provenance
from registrar.cli import main
from registrar.errors import RegistrarError, UsageError
from registrar.export import Request
from registrar.export_folder import Exported, export_photos
from registrar.export_zip import check_fits, make_zip
from registrar.exportable import Selection
from registrar.intake import receive_envelope
from registrar.naming import NamedBy
from registrar.serve import Server
from registrar.storage.tables import AUDIT
from tests.town import INSTITUTION, STAFF, TAKEN_AT, Town, picture, provenance, record, submission

LATER = TAKEN_AT + timedelta(hours=1)
"""When nobody takes a review back any more."""

ALL = Selection()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(Server(tmp_path / "registrar"), tmp_path / "booth", students=4)
    receive(town, 1, 2)
    town.approve(1, 2)
    yield town
    town.store.database.close()


def receive(town: Town, *numbers: int, of_student: int | None = None) -> None:
    for number in numbers:
        envelope = town.envelope(number, of_student=of_student)
        assert receive_envelope(town.store, town.server.keys, envelope, TAKEN_AT).refused is None


def asked(
    selection: Selection = ALL, named_by: NamedBy = "student_no", at: datetime = LATER
) -> Request:
    return Request(selection, named_by, STAFF, at)


def export(town: Town, folder: Path, request: Request | None = None) -> Exported:
    return export_photos(town.store, town.server.keys.vault, folder, request or asked())


def listed(folder: Path) -> list[str]:
    with (folder / "photos.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["student_no"] for row in csv.DictReader(file)]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_each_photo_is_a_file_named_by_its_student_number(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "photos"
    assert export(town, folder) == Exported(2, (), 0)
    assert sorted(path.name for path in folder.iterdir()) == [
        "2022000001.jpg",
        "2022000001.provenance.json",
        "2022000002.jpg",
        "2022000002.provenance.json",
        "SHA256SUMS",
        "manifest.json",
        "photos.csv",
    ]
    assert (folder / "2022000001.jpg").read_bytes() == picture(1)
    with (folder / "photos.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["student_no"], row["name"], row["file"]) for row in rows] == [
        ("2022000001", "学生1", "2022000001.jpg"),
        ("2022000002", "学生2", "2022000002.jpg"),
    ]


def test_every_file_is_under_the_checksums_and_those_under_the_manifest(
    town: Town, tmp_path: Path
) -> None:
    export(town, tmp_path / "out", asked(Selection(institution_code=INSTITUTION)))
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(check, cwd=tmp_path / "out", capture_output=True, text=True, check=True)
    assert done.stdout.count(": OK") == 5
    told = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    sums = (tmp_path / "out" / "SHA256SUMS").read_bytes()
    assert told["checksums_sha256"] == hashlib.sha256(sums).hexdigest()
    assert told["selection"] == {"institution_code": INSTITUTION}
    assert (told["photos"], told["left_out"], told["waiting_for_review"]) == (2, 0, 0)


def test_only_what_is_approved_leaves(town: Town, tmp_path: Path) -> None:
    receive(town, 0, 3)
    town.refuse(3)
    assert export(town, tmp_path / "out") == Exported(2, (), 1)
    assert listed(tmp_path / "out") == ["2022000001", "2022000002"]


def test_what_may_be_taken_back_still_waits(town: Town, tmp_path: Path) -> None:
    done = export(town, tmp_path / "out", asked(at=TAKEN_AT + timedelta(seconds=59)))
    assert done == Exported(0, (), 2)


def test_an_approved_photo_waits_while_a_newer_one_does(town: Town, tmp_path: Path) -> None:
    town.permit(1)
    receive(town, 11, of_student=1)
    assert export(town, tmp_path / "one") == Exported(1, (), 1)
    town.refuse(11)
    assert export(town, tmp_path / "two") == Exported(2, (), 0)
    assert (tmp_path / "two" / "2022000001.jpg").read_bytes() == picture(1)


def test_a_permitted_second_photo_takes_the_firsts_place_in_a_new_export(
    town: Town, tmp_path: Path
) -> None:
    town.permit(1)
    receive(town, 11, of_student=1)
    town.approve(11)
    export(town, tmp_path / "out")
    assert (tmp_path / "out" / "2022000001.jpg").read_bytes() == picture(11)


def test_an_export_done_again_adds_what_is_new(town: Town, tmp_path: Path) -> None:
    export(town, tmp_path / "out")
    before = (tmp_path / "out" / "2022000001.jpg").stat().st_mtime_ns
    receive(town, 3)
    town.approve(3)
    assert export(town, tmp_path / "out") == Exported(3, (), 0)
    assert (tmp_path / "out" / "2022000001.jpg").stat().st_mtime_ns == before
    assert (tmp_path / "out" / "2022000003.jpg").read_bytes() == picture(3)


def test_what_was_exported_and_refused_since_is_to_be_deleted(town: Town, tmp_path: Path) -> None:
    export(town, tmp_path / "out")
    town.store.reviews.revoke(STAFF, submission(1), TAKEN_AT, reason="somebody_else")
    done = export(town, tmp_path / "out")
    assert done.photos == 1
    assert (
        "2022000001.jpg: was exported before, and is not to be now; delete it" in done.left_out[0]
    )


def test_photos_are_chosen_by_institution_college_and_day(town: Town, tmp_path: Path) -> None:
    town.store.records.import_records(
        [record(1, college="法学院"), record(2, institution_code="10001")]
    )
    day = TAKEN_AT.astimezone().date()
    chosen = {
        Selection(institution_code="10001"): ["2022000002"],
        Selection(college="法学院"): ["2022000001"],
        Selection(institution_code="10001", college="法学院"): [],
        Selection(first_day=day, last_day=day): ["2022000001", "2022000002"],
        Selection(first_day=day + timedelta(days=1)): [],
        Selection(last_day=date(2026, 5, 1)): [],
    }
    for number, (selection, wanted) in enumerate(chosen.items()):
        export(town, tmp_path / str(number), asked(selection))
        assert listed(tmp_path / str(number)) == wanted


def test_files_may_be_named_by_identity_number(town: Town, tmp_path: Path) -> None:
    town.store.records.import_records([record(1, id_no="11010519491231002X")])
    done = export(town, tmp_path / "out", asked(named_by="id_no"))
    assert (tmp_path / "out" / "11010519491231002X.jpg").read_bytes() == picture(1)
    assert done.left_out == ("record record-2: has no identity number; mend the roster",)


def test_each_photos_record_lies_beside_it_and_names_nobody(town: Town, tmp_path: Path) -> None:
    export(town, tmp_path / "out")
    path = tmp_path / "out" / "2022000002.provenance.json"
    found = Provenance.model_validate_json(path.read_bytes())
    assert found == provenance(picture(2), town.key)
    for said in ("学生2", "record-2", "2022000002"):
        assert said not in path.read_text("utf-8")


@pytest.mark.parametrize("name", ["2022000001.provenance.json", "2022000001.jpg"])
def test_other_content_is_never_overwritten_and_stops_no_other_photo(
    town: Town, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / name).write_bytes(b"somebody else's")
    done = export(town, folder)
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
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "2022000001.jpg").touch()
    assert export(town, tmp_path / "out").left_out == ()
    assert (tmp_path / "out" / "2022000001.jpg").read_bytes() == picture(1)


def test_a_list_that_is_not_the_exports_own_is_left_alone(town: Town, tmp_path: Path) -> None:
    (tmp_path / "photos.csv").write_text("holiday,beach\n")
    with pytest.raises(UsageError, match=r"photos\.csv"):
        export(town, tmp_path)
    assert (tmp_path / "photos.csv").read_text() == "holiday,beach\n"


def test_a_folder_holds_one_export(town: Town, tmp_path: Path) -> None:
    export(town, tmp_path / "out")
    for other in (asked(Selection(college="文学院")), asked(named_by="id_no")):
        with pytest.raises(UsageError, match="something else; export to another folder"):
            export(town, tmp_path / "out", other)


def change(town: Town, sql: str) -> None:
    """Change the database as an older registrar, or a disk, has left it."""
    with town.store.database.transaction() as db:
        db.execute(text(sql))


@pytest.mark.parametrize("student_no", ["", "0", "a/b", "con"])
def test_a_photo_that_cannot_be_named_stops_no_other(
    town: Town, tmp_path: Path, student_no: str
) -> None:
    change(town, f"UPDATE record SET student_no = '{student_no}' WHERE record_id = 'record-1'")
    done = export(town, tmp_path / "out")
    assert done.photos == 1
    assert len(done.left_out) == 1
    assert "record-1" in done.left_out[0]
    assert "mend the roster" in done.left_out[0]
    assert listed(tmp_path / "out") == ["2022000002"]


def test_two_records_of_one_number_stop_no_other_and_are_exported_once_mended(
    town: Town, tmp_path: Path
) -> None:
    receive(town, 3)
    town.approve(3)
    for number, taken in ((1, "a21"), (3, "A21")):
        change(
            town,
            f"UPDATE record SET student_no = '{taken}', student_no_key = 'a21'"
            f" WHERE record_id = 'record-{number}'",
        )
    done = export(town, tmp_path / "out")
    assert done.photos == 1
    assert len(done.left_out) == 2
    assert all("record-1 and record-3" in reason for reason in done.left_out)
    before = files(tmp_path / "out")
    assert export(town, tmp_path / "out") == done
    assert files(tmp_path / "out") == before
    town.store.records.import_records([record(3)])
    assert export(town, tmp_path / "out") == Exported(3, (), 0)
    assert (tmp_path / "out" / "a21.jpg").read_bytes() == picture(1)


@pytest.mark.parametrize("damage", ["metadata = '{'", "receipt = '[]'", "object = 'photos/none'"])
def test_a_photo_that_the_disk_has_damaged_stops_no_other(
    town: Town, tmp_path: Path, damage: str
) -> None:
    change(town, f"UPDATE photo SET {damage} WHERE record_id = 'record-1'")
    done = export(town, tmp_path / "out")
    assert done.photos == 1
    assert "record record-1: " in done.left_out[0]


def test_an_export_that_left_some_out_says_which_and_fails(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(town, "UPDATE record SET student_no = '0' WHERE record_id = 'record-1'")
    words = ["export", "--data", str(town.store.folder), "--to", "2026-06-02", str(tmp_path / "o")]
    assert main(words) == 1
    said = capsys.readouterr()
    assert "1 photos and photos.csv" in said.out
    assert "left out: record record-1: has no student number; mend the roster" in said.err


def test_who_exported_what_is_audited(town: Town, tmp_path: Path) -> None:
    export(town, tmp_path / "out", asked(Selection(INSTITUTION, "文学院")))
    with town.store.database.connection() as db:
        rows = db.execute(select(AUDIT).where(AUDIT.c.action.like("export.%"))).all()
    assert [(row.action, row.actor, row.subject) for row in rows] == [
        ("export.begin", STAFF, INSTITUTION),
        ("export.end", STAFF, INSTITUTION),
    ]
    assert json.loads(rows[1].detail)["photos"] == 2


def test_a_browser_gets_the_same_files_in_one(town: Town, tmp_path: Path) -> None:
    receive(town, 3)
    town.approve(3)
    change(town, "UPDATE record SET student_no = '0' WHERE record_id = 'record-3'")
    export(town, tmp_path / "out")
    check_fits(town.store, asked())
    pieces = list(make_zip(town.store, town.server.keys.vault, asked()))
    assert len(pieces) == 3  # a photo each, and the rest
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as file:
        assert file.testzip() is None
        found = {name: file.read(name) for name in file.namelist()}
    assert b"record-3: has no student number" in found.pop("left-out.txt")
    assert found == files(tmp_path / "out")


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as on a stick: no hard links, no permissions."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "chmod", refuse)
    return tmp_path / "stick"


def test_photos_are_exported_to_a_stick_and_again(town: Town, stick: Path) -> None:
    assert export(town, stick) == Exported(2, (), 0)
    before = files(stick)
    assert export(town, stick) == Exported(2, (), 0)
    assert files(stick) == before
    assert before["2022000001.jpg"] == picture(1)


def test_a_file_in_the_folders_place_is_named(town: Town, tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(RegistrarError, match="out"):
        export(town, tmp_path / "out")

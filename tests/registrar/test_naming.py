"""An export's names: each student's own, or the reason why there is none."""

from pathlib import Path

import pytest

from protocol.student import Student
from registrar.errors import UsageError
from registrar.naming import BY_STUDENT_NO, ExportNames, Naming

STUDENT = Student("record-1", "林小雨", "2022010001", "10000", "示范大学", "文学院")
OTHER = Student("record-2", "林小雨", "2022010001", "10000", "示范大学", "文学院")
BY_NAME = Naming("name", lambda student: student.name)


def test_a_students_files_are_named_by_number_however_often_they_are_asked_for() -> None:
    names = ExportNames(Path("out"), BY_STUDENT_NO)
    for _ in range(2):
        files = names.files(STUDENT)
        assert files.photo == Path("out/2022010001.jpg")
        assert files.provenance == Path("out/2022010001.provenance.json")
    assert names.list == Path("out/photos.csv")


@pytest.mark.parametrize("number", ["", "0", "000"])
def test_an_abnormal_number_names_nothing(number: str) -> None:
    student = Student("record-1", "林小雨", number, "10000", "示范大学", "文学院")
    with pytest.raises(UsageError, match="record record-1: has no student number; mend the roster"):
        ExportNames(Path("out"), BY_STUDENT_NO).files(student)


def test_a_name_belongs_to_one_record() -> None:
    names = ExportNames(Path("out"), BY_STUDENT_NO)
    names.files(STUDENT)
    with pytest.raises(
        UsageError,
        match=r"out/2022010001\.jpg: records record-1 and record-2 have one student number; mend",
    ):
        names.files(OTHER)


def test_another_naming_is_one_entry() -> None:
    names = ExportNames(Path("out"), BY_NAME)
    assert names.files(STUDENT).photo == Path("out/林小雨.jpg")
    with pytest.raises(UsageError, match="have one name; mend the roster"):
        names.files(OTHER)


@pytest.mark.parametrize("name", ["../escape", "a/b", "/etc/passwd", "a/", "a\0b"])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    student = Student("record-1", name, "2022010001", "10000", "示范大学", "文学院")
    with pytest.raises(UsageError, match="cannot be a file's name; mend the roster"):
        ExportNames(Path("out"), BY_NAME).files(student)

"""An export's names: each student's own, on every file system, or the reason why there is none."""

from pathlib import Path

import pytest

from protocol.student import Student
from registrar.naming import BY_STUDENT_NO, Naming, name_files

BY_NAME = Naming("name", lambda student: student.name)
OUT = Path("out")


def student(number: int, student_no: str = "2022010001", name: str = "林小雨") -> Student:
    return Student(f"record-{number}", name, student_no, "10000", "示范大学", "文学院")


def test_a_students_files_are_named_by_number() -> None:
    names = name_files([student(1)], OUT, BY_STUDENT_NO)
    files = names.files["record-1"]
    assert files.photo == Path("out/2022010001.jpg")
    assert files.provenance == Path("out/2022010001.provenance.json")
    assert names.list == Path("out/photos.csv")
    assert not names.faults


@pytest.mark.parametrize("number", ["", "0", "000"])
def test_an_abnormal_number_names_nothing(number: str) -> None:
    names = name_files([student(1, number), student(2)], OUT)
    assert names.faults == {"record-1": "record record-1: has no student number; mend the roster"}
    assert list(names.files) == ["record-2"]


def test_a_name_belongs_to_one_record() -> None:
    names = name_files([student(1), student(2), student(3, "3")], OUT)
    said = "records record-1 and record-2 have one student number; mend the roster"
    assert set(names.faults.values()) == {f"out/2022010001.jpg: {said}"}
    assert list(names.files) == ["record-3"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a21", "A21"),
        ("Straße", "STRASSE"),
        ("\u00e9", "e\u0301"),
        ("\u00c9", "e\u0301"),
        ("\u212b", "\u00c5"),
    ],
)
def test_names_that_a_stick_confuses_are_nobodys(one: str, other: str) -> None:
    names = name_files([student(1, name=one), student(2, name=other)], OUT, BY_NAME)
    assert not names.files
    assert all("that a stick confuses" in fault for fault in names.faults.values())
    assert "record-1 and record-2" in names.faults["record-2"]


def test_another_naming_is_one_entry() -> None:
    assert name_files([student(1)], OUT, BY_NAME).files["record-1"].photo == Path("out/林小雨.jpg")


@pytest.mark.parametrize(
    "name",
    ["../escape", "a/b", "/etc/passwd", "a/", "a\0b", "a:b", "a*", "a?", '"a"', "<a>", "a|b",
     "a\\b", "a\nb", "CON", "nul", "Aux.x", "COM1", "lpt9", "COM¹", "a.", "a ", " a", ".a", "..",
     "x" * 250, "名" * 80],
)  # fmt: skip
def test_a_name_that_some_file_system_cannot_hold_is_refused(name: str) -> None:
    names = name_files([student(1, name=name), student(2, name="b")], OUT, BY_NAME)
    assert list(names.files) == ["record-2"]
    assert "record record-1: its name" in names.faults["record-1"]
    assert names.faults["record-1"].endswith("; mend the roster")


@pytest.mark.parametrize("name", ["CONrad", "x" * 239, "名" * 79, "a.b", "COM10", "é"])
def test_a_name_that_every_file_system_can_hold_is_taken(name: str) -> None:
    assert not name_files([student(1, name=name)], OUT, BY_NAME).faults

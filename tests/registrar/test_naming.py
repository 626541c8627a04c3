"""An export's names: such as every file system holds, or the reason why there is none."""

import pytest

from registrar.naming import NAMINGS, FileNames, Naming, name_files
from tests.town import record

BY_NAME = Naming("name", lambda record: record.name, "name")


def test_a_students_files_are_named_by_number() -> None:
    names = name_files(record(1), NAMINGS["student_no"])
    assert names == FileNames("2022000001.jpg", "2022000001.provenance.json")


def test_or_by_identity_number() -> None:
    known = record(1, id_no="11010519491231002X")
    names = name_files(known, NAMINGS["id_no"])
    assert names == FileNames("11010519491231002X.jpg", "11010519491231002X.provenance.json")
    assert name_files(record(1), NAMINGS["id_no"]) == "has no identity number"


@pytest.mark.parametrize("number", ["", "0", "000"])
def test_an_abnormal_number_names_nothing(number: str) -> None:
    assert name_files(record(1, student_no=number), NAMINGS["student_no"]) == (
        "has no student number"
    )


@pytest.mark.parametrize(
    "name",
    ["../escape", "a/b", "/etc/passwd", "a/", "a\0b", "a:b", "a*", "a?", '"a"', "<a>", "a|b",
     "a\\b", "a\nb", "CON", "nul", "Aux.x", "COM1", "lpt9", "COM¹", "a.", "a ", " a", ".a", "..",
     "x" * 250, "名" * 80],
)  # fmt: skip
def test_a_name_that_some_file_system_cannot_hold_is_refused(name: str) -> None:
    fault = name_files(record(1, name=name), BY_NAME)
    assert isinstance(fault, str)
    assert fault.startswith("its name")


@pytest.mark.parametrize("name", ["CONrad", "x" * 239, "名" * 79, "a.b", "COM10", "é"])
def test_a_name_that_every_file_system_can_hold_is_taken(name: str) -> None:
    assert isinstance(name_files(record(1, name=name), BY_NAME), FileNames)

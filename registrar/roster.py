"""A record of study, and what its student number is good for."""

from typing import NamedTuple

from protocol.plain_code import student_no_key as student_no_key


class Record(NamedTuple):
    """One record of study (学籍), in the columns of the CSV file."""

    capture_code: str
    record_id: str
    name: str
    student_no: str
    """May be empty or 0: the record is abnormal then, and its student is sent to the registry."""
    institution_code: str
    institution: str
    college: str
    id_no: str = ""
    """Of the identity card; empty where the institution gives none."""
    email: str = ""
    """Where the student is told of the photo; empty where the institution gives none."""


def is_abnormal(student_no: str) -> bool:
    """Say whether a student number is one that no photo can be filed under: empty, or 0."""
    return not student_no.strip("0")

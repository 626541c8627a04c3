"""What an export's files are called, and what makes a name impossible or taken."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from protocol.provenance import FILE_SUFFIX
from protocol.student import Student
from registrar.roster import is_abnormal

LIST = "photos.csv"
"""The list of all photos, which lies beside them."""

LONGEST_NAME = 255
"""Of a file: UTF-16 units on exFAT, FAT and NTFS, bytes of UTF-8 on Linux's own file systems."""

_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])(\..*)?", re.I)
"""Names of devices: Windows opens no file of such a name, whatever follows its first point."""
_FORBIDDEN = frozenset('<>:"/\\|?*')
"""Characters that no name on exFAT, FAT or NTFS has; control characters neither."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A way to name students' files."""

    term: str
    """What a student is named by, as a message says it."""
    stem: Callable[[Student], str]
    """The name of a student's files without suffix; empty where the student has none."""


def _student_no(student: Student) -> str:
    return "" if is_abnormal(student.student_no) else student.student_no


BY_STUDENT_NO = Naming("student number", _student_no)
"""`<student_no>.jpg`, as the register takes them."""

NAMING = BY_STUDENT_NO


@dataclass(frozen=True, slots=True)
class StudentFiles:
    """Where a student's files lie."""

    photo: Path
    provenance: Path


@dataclass(frozen=True, slots=True)
class ExportNames:
    """The names in one export's folder: each belongs to one record, on every file system."""

    list: Path
    files: Mapping[str, StudentFiles]
    """By record id, for each student who can be named."""
    faults: Mapping[str, str]
    """By record id: why a student cannot be named, with the way out."""


def name_files(students: Iterable[Student], folder: Path, naming: Naming = NAMING) -> ExportNames:
    """Name each student's files as a stick for any system holds them.

    Of students whose names differ in case only, or in how their characters are put together
    (NFC or NFD), none is named: nobody can tell here whose the name is.
    """
    files: dict[str, StudentFiles] = {}
    faults: dict[str, str] = {}
    owners: dict[str, list[Student]] = {}
    for student in students:
        stem = naming.stem(student)
        if fault := _find_fault(stem, naming.term):
            faults[student.record_id] = f"record {student.record_id}: {fault}; mend the roster"
            continue
        owners.setdefault(_key(stem), []).append(student)
        files[student.record_id] = StudentFiles(
            folder / f"{stem}.jpg", folder / f"{stem}{FILE_SUFFIX}"
        )
    for sharing in owners.values():
        if len(sharing) == 1:
            continue
        said = " and ".join(sorted(student.record_id for student in sharing))
        stems = {naming.stem(student) for student in sharing}
        alike = f"one {naming.term}" if len(stems) == 1 else f"{naming.term}s that a stick confuses"
        for student in sharing:
            photo = files.pop(student.record_id).photo
            faults[student.record_id] = f"{photo}: records {said} have {alike}; mend the roster"
    return ExportNames(folder / LIST, files, faults)


def _key(stem: str) -> str:
    """Two names with one key are one name on some file system."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", stem).casefold())


def _find_fault(stem: str, term: str) -> str | None:
    """Find why some file system has no file of such a name."""
    if not stem:
        return f"has no {term}"
    said = f"its {term} {stem!r} cannot be a file's name"
    if any(char in _FORBIDDEN or not char.isprintable() for char in stem):
        return f"{said} everywhere (it has a character that is forbidden there)"
    if _RESERVED.fullmatch(stem):
        return f"{said} everywhere (Windows keeps it for a device)"
    if stem[0] in ". " or stem[-1] in ". ":
        return f"{said} everywhere (it begins or ends with a point or a space)"
    longest = stem + FILE_SUFFIX
    if max(len(longest.encode("utf-16-le")) // 2, len(longest.encode())) > LONGEST_NAME:
        return f"its {term} is too long for a file's name ({len(stem)} characters)"
    return None

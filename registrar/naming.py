"""What an export's files are called, and what makes a name impossible."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from protocol.provenance import FILE_SUFFIX
from registrar.roster import Record, is_abnormal

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
    stem: Callable[[Record], str]
    """The name of a student's files without suffix; empty where the student has none."""
    key: str
    """The column of the table `record` in which two students have one value where a stick could
    confuse their names."""


def _student_no(record: Record) -> str:
    return "" if is_abnormal(record.student_no) else record.student_no


NamedBy = Literal["student_no", "id_no"]

NAMINGS: dict[NamedBy, Naming] = {
    "student_no": Naming("student number", _student_no, "student_no_key"),
    "id_no": Naming("identity number", lambda record: record.id_no, "id_no"),
}
"""`<student_no>.jpg` or `<id_no>.jpg`, as the platform takes them; `names` in `registrar.toml`."""


@dataclass(frozen=True, slots=True)
class FileNames:
    """What a student's files are called."""

    photo: str
    provenance: str


def name_files(record: Record, naming: Naming) -> FileNames | str:
    """Name a student's files as a stick for any system holds them, or say why that cannot be.

    The words go on after the record's id.
    """
    stem = naming.stem(record)
    fault = _find_fault(stem, naming.term)
    return FileNames(f"{stem}.jpg", f"{stem}{FILE_SUFFIX}") if fault is None else fault


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

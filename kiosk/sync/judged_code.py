"""What a text is that a code says, and whether the roster here knows it."""

from dataclasses import dataclass, field

from kiosk.reader import CaptureCodeError, WrongCode, kind_of_wrong_code, parse_capture_code
from kiosk.sync.plain_codes import read_scan
from kiosk.sync.roster import Roster
from protocol.configuration import ToldSettings
from protocol.plain_code import Form, parse_key, read_plain_code
from protocol.roster import CodeRefusal
from protocol.student import Student


@dataclass(frozen=True, slots=True)
class JudgedCode:
    """What was found of one text."""

    characters: int
    """How long it is. The text itself is not shown: whoever has it may be photographed by it."""
    kind: WrongCode | None
    """What it is instead, by how it looks; None: it may be a capture code, or is a plain one."""
    fault: str | None
    """Why it can be no code of ours at all; None where it may be."""
    form: Form | None
    """In which form a plain code is written; None: it is none."""
    is_taken: bool
    """Of a plain code, whether the institution takes it."""
    student: Student | None = field(default=None, repr=False)
    """Whose it is, where the roster here tells."""
    refusal: CodeRefusal | None = None
    """Why whoever has it is not admitted; "code_unknown": the roster here has it not."""

    @property
    def is_good(self) -> bool:
        """Whether it may be somebody's code here."""
        if self.fault is not None or not self.is_taken:
            return False
        return self.kind is None or self.student is not None


def judge_code(
    text: str, institution_code: str, told: ToldSettings, roster: Roster | None
) -> JudgedCode:
    """Say what a text is. Raises SyncError where the roster cannot be read."""
    text = text.strip()
    try:
        parse_capture_code(text)
    except CaptureCodeError as error:
        return JudgedCode(len(text), kind_of_wrong_code(text), str(error), None, is_taken=False)
    read = read_plain_code(text, institution_code, told.plain_pattern)
    known_as, _ = read_scan(text, institution_code, told)
    is_plain = read is not None and read.plain is not None
    is_taken = not is_plain or parse_key(known_as) is not None
    form = None if read is None else read.form
    wrong = kind_of_wrong_code(text)
    kind = None if wrong == "code_unreadable" or form is not None else wrong
    student, refusal = _look_up(known_as, roster) if is_taken else (None, None)
    return JudgedCode(
        len(text), kind, None, form, is_taken=is_taken, student=student, refusal=refusal
    )


def _look_up(text: str, roster: Roster | None) -> tuple[Student | None, CodeRefusal | None]:
    if roster is None:
        return None, None
    code: str | None = text
    if parse_key(text) is not None:
        code = roster.find_capture_code(text)
    found = None if code is None else roster.find(code)
    if isinstance(found, Student):
        return found, None
    return None, found or "code_unknown"

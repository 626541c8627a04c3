"""One field of a roster's row: mended where its meaning is sure, else refused with the reason."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from itertools import pairwise
from math import log2

from protocol.capture_code import find_code_fault, is_doubled, most_bits
from protocol.characters import REVERSING, find_impossible, narrow, remove_unseen
from registrar.roster_numbers import KEPT_DIGITS
from registrar.spreadsheets.sheet import Numeric

LONGEST_FIELD = 100
"""Characters of every field but the code: the longest names of people and institutions, twice."""

CODE_BITS = 32
"""What a capture code holds at least, were its characters drawn by lot: 10 digits hold 33. The
roster on a booth's disk opens to who guesses a code (`protocol.roster_edition`)."""

_FEWEST = 10

Fault = str | None
"""Why a field is refused, as it goes on after the field's name; None where it is good."""

_PLACEHOLDERS = {
    "-", "--", "—", "——", "–", "_", "/", "\\", ".", "n/a", "na", "nan", "nil", "none", "null",
    "(null)", "undefined", "tbd", "无", "暂无", "空", "没有", "未知", "待定", "无学号", "缺",
}  # fmt: skip
_FORMULA_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)", re.I)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
"""How a spreadsheet is told to keep a number as text."""
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+E[+-]?\d+|E[+-]\d+)", re.I | re.A)
_DECIMAL = re.compile(r"[+-]?\d+[.]\d*|[+-]?\d{1,3}(,\d{3})+([.]\d*)?", re.A)
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,2}/\d{1,2}|\d{1,2}:\d{2}(:\d{2})?"
    rf"|\d{{1,2}}-{_MONTH}(-\d{{2,4}})?|{_MONTH}-\d{{1,4}}"
    r"|(\d{2,4}年)?\d{1,2}月(\d{1,2}日)?|\d{2,4}年",
    re.I | re.A,
)
_STUDENT_NO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_INSTITUTION_CODE = re.compile(r"[0-9]{5}")
_IDENTITY_NO = re.compile(r"[0-9A-Z]{5,18}")
_RESIDENT_NO = re.compile(r"[0-9]{17}[0-9X]")
"""A resident's number has a check character; a passport's or a travel permit's is shorter."""
_EMAIL = re.compile(r"[^\s@,;<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LINE_BREAKS = "\r\n\x0b\x0c\x85\u2028\u2029"


def judge_field(field: str, text: str) -> tuple[str, Fault]:
    """Mend a field, and find why it cannot be taken."""
    if is_plain(field, text):
        return text, None
    mended = mend_field(field, text)
    return mended, find_field_fault(field, text, mended)


def is_plain(field: str, text: str) -> bool:
    """Whether a field is one of the many in which there is nothing to mend, and nothing wrong."""
    if text == "":
        return field in _MAY_BE_EMPTY
    plain = _PLAIN.get(field)
    if plain is None or type(text) is not str or not plain.fullmatch(text):
        return False
    if field == "name":
        return text not in _PLACEHOLDERS
    return field != "capture_code" or not (is_doubled(text) or _follows(text))


def mend_field(field: str, text: str) -> str:
    """Mend what is surely meant: marks that show nothing, widths, a spreadsheet's quoting."""
    text = remove_unseen(text).strip()
    text = narrow(text) if field in _WORDS else unicodedata.normalize("NFKC", text).strip()
    if quoted := _TEXT_FORMULA.fullmatch(text):
        text = quoted[1].strip()
    if text.startswith("'") and len(text) > 1:  # how a spreadsheet is told: this is text
        text = text[1:].strip()
    return text.upper() if field == "id_no" else text


def find_field_fault(field: str, given: str, mended: str) -> Fault:
    """Find why a field cannot be taken: as it was `given`, and as `mend_field` has `mended` it."""
    if not given.isascii() and any(char in REVERSING for char in given):
        return "has a mark that shows it backwards; type it anew"
    if not mended:
        return None if field in _MAY_BE_EMPTY else "is empty"
    for char in mended if not mended.isprintable() else "":
        if unicodedata.category(char) in ("Cc", "Zl", "Zp"):
            what = f"a control character (U+{ord(char):04X})"
            return f"has {'a line break' if char in _LINE_BREAKS else what} inside"
    if _FORMULA_ERROR.fullmatch(mended):
        return f"is {mended}, a spreadsheet's error; mend the formula there"
    if field == "college" and mended.lower() in _PLACEHOLDERS:
        return None  # not every institution has colleges
    if mended[0] in "=@" or (field in _WORDS and mended[0] in "+-"):
        return f"begins with {mended[0]}: a spreadsheet would compute it; write its value"
    if _stands_for_none(field, mended):
        way_out = "; leave it empty where there is none" if field in _MAY_BE_EMPTY else ""
        return f"is {mended}, which stands for none{way_out}"
    if field != "capture_code" and len(mended) > LONGEST_FIELD:
        return f"is {len(mended)} characters long; at most {LONGEST_FIELD} are taken"
    if type(given) is Numeric and field in _TEXTS and len(mended.strip("+-")) > KEPT_DIGITS:
        return (
            f"is kept as a number, of which a spreadsheet keeps {KEPT_DIGITS} digits; fetch the"
            " list anew and format the column as text"
        )
    return _FIND_FAULT[field](mended)


def _stands_for_none(field: str, text: str) -> bool:
    """Say whether a text stands for none. Null, Nan and None are people's names, too."""
    if field in _WORDS:
        return text in _PLACEHOLDERS | {"NULL", "NaN", "N/A"}
    return text.lower() in _PLACEHOLDERS


def _find_spreadsheet_fault(text: str) -> Fault:
    """Find what a spreadsheet has made of a number or a text, from which nobody reads it back."""
    if _SCIENTIFIC.fullmatch(text):
        return "was rounded to a number like 1.2E+19 by a spreadsheet; format the column as text"
    if _DECIMAL.fullmatch(text):
        return "is a number with a decimal point or commas; format the column as text"
    if _DATE.fullmatch(text):
        return "is a date or a time, as spreadsheets make them of text; format the column as text"
    return None


def _find_code_fault(text: str) -> Fault:
    if fault := find_code_fault(text):
        return fault
    if fault := _find_spreadsheet_fault(text):
        return fault
    if is_doubled(text):
        return "is a text twice over, which readers take for a scan that came double"
    for char in text:
        if char == " ":
            return "has a space inside, which no code has"
        if not char.isascii():
            return f"has U+{ord(char):04X} inside, which no reader gives; type it in Latin letters"
    return _find_guessable(text)


def _find_guessable(code: str) -> Fault:
    """Find why whoever copies a booth's disk would guess a code: they try them one by one."""
    if _follows(code):
        return "is guessed at once: its characters follow one upon another"
    if len(code) * log2(_FEWEST) >= CODE_BITS:
        return None
    bits = most_bits(code)
    if bits < CODE_BITS:
        return (
            f"is too easily guessed: it holds {bits:.0f} bits at most, and {CODE_BITS} are asked,"
            " as 10 digits or 7 letters and digits have"
        )
    return None


def _follows(code: str) -> bool:
    """Whether each character is the one before, or the next to it, always alike: 0000, 4321."""
    if len(code) > 1 and (code in _DIGITS or code[::-1] in _DIGITS):
        return True
    step = ord(code[1]) - ord(code[0]) if len(code) > 1 else 2
    if not -1 <= step <= 1 or (len(code) > 2 and ord(code[2]) - ord(code[1]) != step):
        return False
    return all(ord(after) - ord(before) == step for before, after in pairwise(code))


_DIGITS = "0123456789" * 3


def _find_id_fault(text: str) -> Fault:
    if impossible := find_impossible(text.translate({ord("*"): None, ord("?"): None})):
        return f"has {impossible}"
    if any(char.isdecimal() and not char.isascii() for char in text):
        return "has digits of another script; write 0 to 9"
    return _find_spreadsheet_fault(text)


def _find_word_fault(text: str) -> Fault:
    impossible = find_impossible(text)
    return None if impossible is None else f"has {impossible}; type it anew"


def _find_number_fault(text: str) -> Fault:
    if fault := _find_spreadsheet_fault(text):
        return fault
    if not _STUDENT_NO.fullmatch(text):
        return (
            "may have letters A to Z, digits 0 to 9, - and _ only, at most 32, the first of them"
            " a letter or digit"
        )
    return None


def _find_institution_fault(text: str) -> Fault:
    return None if _INSTITUTION_CODE.fullmatch(text) else "must have 5 digits, 0 to 9"


def _find_identity_fault(text: str) -> Fault:
    if fault := _find_spreadsheet_fault(text):
        return fault
    if not _IDENTITY_NO.fullmatch(text):
        return "must have 5 to 18 digits and capital letters, as on the identity card"
    if _RESIDENT_NO.fullmatch(text):
        total = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(text[:17]))
        if text[17] != "10X98765432"[total % 11]:
            return "is mistyped: its last character does not fit the others (GB 11643)"
    return None


def _find_email_fault(text: str) -> Fault:
    return None if _EMAIL.fullmatch(text) else "is no mail address"


_TEXTS = ("capture_code", "record_id", "student_no", "id_no")
_PLAIN = {
    "capture_code": re.compile(r"[A-Za-z0-9]{10,64}"),
    "record_id": re.compile(r"[A-Za-z]?[0-9]{4,15}"),
    "student_no": re.compile(r"[A-Za-z]?[0-9]{4,15}"),
    "name": re.compile(r"[\u4e00-\u9fff]{1,20}"),
    "email": re.compile(r"[A-Za-z0-9_.]{1,30}@[a-z0-9]{1,30}(\.[a-z0-9]{1,30}){1,3}"),
}
"""What most rows have: checked at once, since each of 200,000 rows has six such fields."""
_MAY_BE_EMPTY = ("student_no", "id_no", "email")
_WORDS = ("name", "institution", "college")
_FIND_FAULT: Mapping[str, Callable[[str], Fault]] = {
    "capture_code": _find_code_fault,
    "record_id": _find_id_fault,
    "name": _find_word_fault,
    "student_no": _find_number_fault,
    "institution_code": _find_institution_fault,
    "institution": _find_word_fault,
    "college": _find_word_fault,
    "id_no": _find_identity_fault,
    "email": _find_email_fault,
}

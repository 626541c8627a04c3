"""`kiosk code`: say what a code is that a student could not scan, from a picture or its text."""

import argparse
import getpass
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_remark
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.sync.judged_code import JudgedCode
    from kiosk.sync.roster import Roster
    from protocol.configuration import ToldSettings

HELP = "say what a code in a picture or a text is, and whether the roster here knows it"

MOST_TEXT = 1 << 20
"""Bytes that are read of a text: a code has 512 characters at most."""

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"GIF8", b"BM", b"II*\0", b"MM\0*")

_WORDS = {
    "code_payment": "a payment code",
    "code_contact": "a contact card",
    "code_wifi": "a Wi-Fi network",
    "code_own_link": "a link to CHSI",
    "code_link": "a link or another code",
    "code_unreadable": "no code of ours",
}
_FORMS = {
    "pattern": "as the institution's pattern has it",
    "json": "as JSON",
    "url": "as a URL's parameters",
    "pairs": "as key=value",
}
_ANSWERS = {
    "code_unknown": "the roster here does not know it",
    "already_photographed": "the roster here knows it: photographed already",
    "photo_approved": "the roster here knows it: the photo is approved",
    "record_abnormal": "the roster here knows it: without a usable student number",
}

_log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    decode = actions.add_parser(
        "decode",
        help="read the codes in a picture, or a text, and say what each is",
        description=(
            "Read the QR codes in a picture (JPEG or PNG), or a text with one code a line; say of"
            " each what it is, in which form it is written, and whether the roster here knows it."
            " Nothing of who it is of is printed unless --names asks for it, which the log notes."
            " Fails where none of them may be a student's code."
        ),
    )
    decode.add_argument("file", metavar="FILE|-", help="the picture or text; - is standard input")
    decode.add_argument(
        "--names", action="store_true", help="print whose each is, as well; the log notes it"
    )
    add_json(decode)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Say what each code is; fails where none may be a student's."""
    from kiosk.sync.judged_code import judge_code

    texts = _read(args.file)
    told, roster = _open(loaded)
    institution = loaded.config.booth.institution_code
    judged = [judge_code(text, institution, told, roster) for text in texts]
    if args.names:
        _log.warning("code: names were asked for by %s, of %d codes", _user(), len(judged))
    if args.json:
        has_roster = roster is not None
        rows = [_as_json(one, names=args.names, has_roster=has_roster) for one in judged]
        print_json({"file": args.file, "codes": rows})
    else:
        for number, one in enumerate(judged, 1):
            print(f"{number}: {_describe(one, roster is not None, names=args.names)}")
        if not judged:
            print_remark("no code was found; hold it straight, brighten the screen, no screenshot")
    return 0 if any(one.is_good for one in judged) else FAILED


def _read(name: str) -> list[str]:
    """The texts of the codes in a file; raises UsageError, PictureError."""
    if name == "-":
        data = sys.stdin.buffer.read(50 * MOST_TEXT)
    else:
        from kiosk.pipeline.picture import read_file

        data = read_file(Path(name))
    if data.startswith(_PICTURES):
        return _read_picture(name, data)
    if len(data) > MOST_TEXT:
        raise UsageError(f"{name}: is no JPEG or PNG, and too large for a text with codes")
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: is neither a picture nor a text in UTF-8") from error
    if text.startswith("{"):
        return [" ".join(text.split())]
    return [line for line in map(str.strip, text.splitlines()) if line]


def _read_picture(name: str, data: bytes) -> list[str]:
    import tempfile

    from kiosk.pipeline.picture import read_picture
    from kiosk.reader.qr import decode, decode_quickly

    if name == "-":
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            picture = read_picture(Path(file.name))
    else:
        picture = read_picture(Path(name))
    found = decode_quickly(picture, 0)
    if found:
        return list(found)
    text = decode(picture)
    return [] if text is None else [text]


def _open(loaded: "Loaded") -> tuple["ToldSettings", "Roster | None"]:
    """What the institution's staff have set, and the roster; raises SyncError."""
    from kiosk.sync.configuration import read_configuration
    from kiosk.sync.keys import parse_registrar_verify_key
    from kiosk.sync.roster import read_roster
    from protocol.configuration import ToldSettings

    sync, institution = loaded.config.sync, loaded.config.booth.institution_code
    if sync.registrar_verify_key is None:
        return ToldSettings(), None
    key = parse_registrar_verify_key(sync.registrar_verify_key)
    held = read_configuration(sync.roster, key, institution)
    told = ToldSettings() if held is None else held.settings
    return told, read_roster(sync.roster, key, institution)


def _describe(one: "JudgedCode", has_roster: bool, *, names: bool) -> str:
    if one.fault is not None:
        return f"{_WORDS[one.kind or 'code_unreadable']}: {one.fault}"
    if one.form is not None:
        what = f"a plain code, written {_FORMS[one.form]}"
    elif one.kind is not None:
        what = f"{_WORDS[one.kind]}, by how it looks"
    else:
        what = f"may be a capture code, of {one.characters} characters"
    if not one.is_taken:
        return f"{what}; this institution takes none (registrar configure … plain_codes=online)"
    if not has_roster:
        return f"{what}; no roster is here (sudo kiosk sync)"
    if one.student is None:
        return f"{what}; {_ANSWERS.get(one.refusal or '', f'not admitted: {one.refusal}')}"
    whose = f": {one.student.name}, {one.student.student_no}" if names else ""
    return f"{what}; the roster here knows it, and its student may be photographed{whose}"


def _as_json(one: "JudgedCode", *, names: bool, has_roster: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "kind": one.kind or ("plain" if one.form is not None else "capture_code"),
        "form": one.form,
        "characters": one.characters,
        "fault": one.fault,
        "taken": one.is_taken,
        "roster": ("known" if one.student else one.refusal) if has_roster else None,
        "good": one.is_good,
    }
    if names and one.student is not None:
        row |= {"name": one.student.name, "student_no": one.student.student_no}
    return row


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"

"""Texts that may leave the booth: only words that its own program is made of are let through.

No pattern knows every name, number and code that a log may hold one day. So it is the other way
round: a word passes where it stands in the program itself, a number where it is short. All else
becomes `▒`, whatever it is.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import kiosk

MASK = "▒"

MOST_DIGITS = 5
"""Of a number that passes: a process's, a size's, an exposure's. Student numbers have 8 and more, a
phone number 7 and more, with whatever between its parts."""

_SYSTEM = """
Started Starting Stopped Stopping Failed Finished Deactivated successfully Consumed CPU Main main
process exited code status exit killed dumped signal KILL TERM ABRT SEGV SYS FAILURE Watchdog
timeout limit Scheduled restart job counter is at Start request repeated too quickly with result
start operation timed out Control Killing A for of and unit service timer socket kiosk registrar
resolver sync maintenance systemd python memory peak swap time over wall clock Out oom invoked
score adj pid uid total vm anon rss file shmem Under Undervoltage voltage detected detection
normalised normalized hwmon rpi volt mmc mmcblk EXT fs error errors ext4 device read only
remounting filesystem Buffer lost async page write I O dev sector nvme imx477 imx708 imx219 csi
unicam rp1 cfe usb disconnect number new full speed high low SuperSpeed thermal throttled
temperature above threshold critical lib packages site
"""
SYSTEM_WORDS = frozenset(_SYSTEM.split())
"""What systemd and the kernel say of a booth's services and its power, disk, camera and heat."""

_WORD = re.compile(r"[A-Za-z]+")
_LONG_NUMBER = re.compile(r"[0-9][0-9\s.,:/+*#()-]*[0-9]")
"""Digits with nothing but signs and spaces between them are one number."""
_TOKEN = re.compile(r"[A-Za-z0-9]+|.", re.DOTALL)
_COUNTED = re.compile(r"([A-Za-z]+)[0-9]{1,2}")
"""A thing and which of them it is: `hwmon1`."""
_SIGNS = frozenset(" \t\n!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~°×–—…“”‘’✓✗→±≤≥µ·▒")

_FOR_READERS = re.compile(r'"""[\s\S]*?"""|(?<=\s)#.*')

_PEOPLES = ("twin", "demo", "evaluation", "words")
"""Rooms whose words are not let through: people and their names stand in them."""


@lru_cache(maxsize=1)
def vocabulary(package: Path = Path(kiosk.__file__).parent) -> frozenset[str]:
    """The words of the program: of what it says, and of the names in it, as tracebacks show them.

    Upper and lower case are told apart, so that `Long` is no word where `long` is.
    """
    words = set(SYSTEM_WORDS)
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0]
        if room not in _PEOPLES and path.name not in ("samples.py", "gallery.py"):
            words.update(_words(path))
    return frozenset(words - {"lin"})  # who stands in the twin


def _words(path: Path) -> Iterator[str]:
    """The words of a module but for what is written for readers: its docstrings and comments."""
    yield from _WORD.findall(path.stem)
    yield from _WORD.findall(_FOR_READERS.sub(" ", path.read_text("utf-8")))


def mask(text: str, words: frozenset[str]) -> str:
    """The text with a mask in place of all that is neither a word of these nor a short number.

    Where something is masked, the digits that hang on it are, too.
    """
    short = _LONG_NUMBER.sub(
        lambda found: found[0] if _digits(found[0]) <= MOST_DIGITS else MASK, text
    )
    masked = (_mask_chunk(chunk, words) for chunk in re.split(r"(\s+)", short))
    return re.sub(f"{MASK}+", MASK, "".join(masked))


def _mask_chunk(chunk: str, words: frozenset[str]) -> str:
    """Mask what stands together without a space."""
    tokens = _TOKEN.findall(chunk)
    passes = [_passes(token, words) for token in tokens]
    whole = all(passes) and MASK not in tokens
    return "".join(
        token if well and (whole or token.isalpha() or token in _SIGNS) else MASK
        for token, well in zip(tokens, passes, strict=True)
    )


def _passes(token: str, words: frozenset[str]) -> bool:
    if token in words or token in _SIGNS:
        return True
    if token.isascii() and token.isdigit():
        return len(token) <= MOST_DIGITS
    counted = _COUNTED.fullmatch(token)
    return counted is not None and counted[1] in words


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)

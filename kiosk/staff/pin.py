"""The staff's PIN: what it may be, and its hash in a file of its own (scrypt, RFC 7914)."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import durable
from kiosk.errors import KioskError, UsageError

SHORTEST, LONGEST = 4, 12
"""Digits."""

SALT_BYTES = 16

FILE_NAME = "staff.pin"


class PinError(KioskError, OSError):
    """The PIN's file cannot be read, or is none."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one try costs: `n` × `r` × 128 bytes of memory, and time in proportion."""

    n: int = 2**14
    r: int = 8
    p: int = 1


USUAL_COST = Cost()
"""16 MiB and some 0.1 s: RFC 7914's for interactive log-in. Who steals the file finds four digits
all the same, so only its owner reads it."""


@dataclass(frozen=True, slots=True)
class PinHash:
    """What is kept of a PIN."""

    salt: bytes
    digest: bytes
    cost: Cost

    def matches(self, digits: str) -> bool:
        """Whether these are the digits; takes as long as `cost` says."""
        return hmac.compare_digest(_digest(digits, self.salt, self.cost), self.digest)


def pin_path(outbox: Path) -> Path:
    """Where a booth's PIN lies: beside its outbox, whichever user types the command."""
    return outbox.parent / FILE_NAME


def find_pin_fault(digits: str) -> str | None:
    """Why a PIN is none, or is guessed first; None where it will do. The words do not repeat it."""
    if not (digits.isascii() and digits.isdigit() and SHORTEST <= len(digits) <= LONGEST):
        return f"it must have {SHORTEST} to {LONGEST} digits, 0 to 9"
    steps = {int(after) - int(before) for before, after in pairwise(digits)}
    if steps == {0}:
        return "its digits are all the same"
    # 1234 goes on to 890 on a keypad, and 4321 down to 098.
    if {step % 10 for step in steps} in ({1}, {9}):
        return "its digits go up or down one by one"
    return None


def hash_pin(digits: str, random: Callable[[int], bytes], cost: Cost = USUAL_COST) -> PinHash:
    """Hash a PIN with a salt drawn from `random`; raises UsageError where it will not do."""
    if (fault := find_pin_fault(digits)) is not None:
        raise UsageError(f"this PIN is not taken: {fault}; choose another")
    salt = random(SALT_BYTES)
    return PinHash(salt, _digest(digits, salt, cost), cost)


def write_pin(path: Path, pin: PinHash) -> None:
    """Keep a PIN's hash, in the place of one before; only the file's owner reads it.

    Raises UsageError where it cannot be written.
    """
    kept = {"salt": pin.salt.hex(), "digest": pin.digest.hex(), "scrypt": asdict(pin.cost)}
    try:
        durable.make_private_folder(path.parent)
        durable.write_whole(path, json.dumps(kept).encode() + b"\n", durable.OWNER_ONLY)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


def read_pin(path: Path) -> PinHash | None:
    """Read a PIN's hash; None where no PIN is set. Raises PinError."""
    try:
        kept = json.loads(path.read_bytes())
        cost = Cost(**{name: int(kept["scrypt"][name]) for name in ("n", "r", "p")})
        return PinHash(bytes.fromhex(kept["salt"]), bytes.fromhex(kept["digest"]), cost)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PinError(
            f"{path}: cannot be read ({error.strerror}): it must belong to the booth's user"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise PinError(f"{path}: is no PIN's file: set the PIN anew with `kiosk pin`") from error


def check_pin(path: Path, digits: str) -> bool:
    """Whether these are the digits of the PIN that is set; slow. Raises PinError."""
    pin = read_pin(path)
    if pin is None:
        return False
    try:
        return pin.matches(digits)
    except ValueError as error:  # a cost that there cannot be
        raise PinError(f"{path}: is no PIN's file: set the PIN anew with `kiosk pin`") from error


def _digest(digits: str, salt: bytes, cost: Cost) -> bytes:
    return hashlib.scrypt(digits.encode(), salt=salt, n=cost.n, r=cost.r, p=cost.p)

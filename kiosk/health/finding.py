"""What a check found: how it stands, in words, and what is to be done about it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from kiosk.errors import KioskError
from kiosk.health.site import Site
from kiosk.upkeep.spare_parts import SPARE_PARTS

Verdict = Literal["ok", "warn", "fail", "unknown"]
"""Well; still serves, and wants to be seen to; does not serve; cannot be told here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in staff's words."""

    check: str
    verdict: Verdict
    says: str
    next_step: str = ""
    """What to do about it; "" where nothing is to be done."""
    spare: str = ""
    """The part to put in, if that does not help: its word in SPARE_PARTS."""

    def as_json(self) -> dict[str, str]:
        """One object for `--json`."""
        return {
            "check": self.check,
            "verdict": self.verdict,
            "says": self.says,
            "next_step": self.next_step,
            "spare_part": SPARE_PARTS[self.spare].name if self.spare else "",
        }


def find(check: str, verdict: Verdict, error: str, *, spare: str = "") -> Finding:
    """A finding in an error's words: these name the thing and the reason, and then the way out."""
    says, *way_out = re.split(r"; |(?<=\)): |\. (?=[A-Z])", error, maxsplit=1)
    return Finding(check, verdict, says, "".join(way_out), spare)


Look = Callable[[Site], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a booth that is configured."""

    name: str
    look: Look

    def __call__(self, site: Site) -> list[Finding]:
        """Do the check; one that ends with a named error has found something wrong."""
        found: list[Finding] = []
        try:
            found += self.look(site)
        except PermissionError as error:
            found.append(
                Finding(
                    self.name,
                    "fail",
                    f"{error.filename}: may not be read ({error.strerror})",
                    "ask as root or as the booth's user (sudo kiosk …); where it is not the"
                    " booth's own, give it back: sudo chown -R",
                )
            )
        except (KioskError, ImportError, OSError) as error:
            found.append(find(self.name, "fail", str(error)))
        return found


def check(name: str) -> Callable[[Look], Check]:
    """Make the function below a check of that name."""
    return lambda look: Check(name, look)

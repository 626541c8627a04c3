"""The numbers of a roster's column, looked at together: digits that a spreadsheet has lost."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from registrar.errors import UsageError
from registrar.spreadsheets.sheet import Numeric

KEPT_DIGITS = 15
"""Digits of a number that a spreadsheet keeps; it makes zeros of the rest."""


@dataclass(slots=True)
class Numbers:
    """What is noted of one column."""

    column: str
    lengths: Counter[int] = field(default_factory=Counter)
    """How many numbers have so many digits."""
    first: dict[int, int] = field(default_factory=dict)
    """Of each length the first's line."""
    has_zero: bool = False
    """Whether any begins with a zero: then the spreadsheet has kept them."""
    as_numbers: Counter[int] = field(default_factory=Counter)
    """As `lengths`, of the cells that are kept as numbers."""
    rounded: bool = True
    """Whether all numbers of more than `KEPT_DIGITS` end in zeros there."""

    def note(self, line: int, given: str, value: str) -> None:
        """Note a field: as it was `given`, and its value."""
        if not (value.isdecimal() and value.isascii() and value.strip("0")):
            return
        length = len(value)
        self.lengths[length] += 1
        self.first.setdefault(length, line)
        if value[0] == "0" and length > 1:
            self.has_zero = True
        if length > KEPT_DIGITS and value[KEPT_DIGITS:].strip("0"):
            self.rounded = False
        if type(given) is Numeric:
            self.as_numbers[length] += 1

    @property
    def usual(self) -> int:
        """The length that most numbers have; of two the longer."""
        return max(self.lengths, key=lambda length: (self.lengths[length], length), default=0)

    def has_dropped_zeros(self) -> bool:
        """Whether some cell is kept as a number, and is shorter than most."""
        return any(length < self.usual for length in self.as_numbers)

    def find_dropped_zeros(self, given: str, value: str) -> str | None:
        """Why a field cannot be taken whose cell is kept as a number and is shorter than most."""
        if type(given) is not Numeric or len(value) >= self.usual:
            return None
        return (
            f"{self.column} is kept as a number and has {len(value)} digits where most have"
            f" {self.usual}: a spreadsheet drops zeros at the beginning; format the column as text"
        )

    def check_not_rounded(self, name: str) -> None:
        """Raise UsageError where all long numbers end in zeros: the digits there are lost."""
        lines = [line for length, line in self.first.items() if length > KEPT_DIGITS]
        if lines and self.rounded:
            raise UsageError(
                f"{name}:{min(lines)}: {self.column} ends in zeros after {KEPT_DIGITS} digits, in"
                " every line: a spreadsheet has rounded it; fetch the list anew and format the"
                " column as text"
            )

    def remarks(self) -> Iterator[str]:
        """What staff should look at, though nothing is surely wrong."""
        if kept := self.as_numbers.total():
            yield f"{self.column} is kept as a number in {kept} rows; their digits were taken"
        shorter = {length: line for length, line in self.first.items() if length < self.usual}
        if shorter and not self.has_zero and not self.has_dropped_zeros():
            count = sum(self.lengths[length] for length in shorter)
            yield (
                f"{self.column} has fewer digits than {self.usual} in {count} rows, and none begins"
                " with a zero: look whether a spreadsheet has dropped zeros, from line"
                f" {min(shorter.values())} on"
            )

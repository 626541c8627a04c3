"""What a table is to who reads it: rows of texts, and which of them were numbers."""

from collections.abc import Iterator
from typing import BinaryIO, Protocol

LARGEST_FILE = 64_000_000
"""Bytes of the largest file that is read: some 500,000 records."""

MOST_COLUMNS = 1000
"""Of a row; registries' lists have some fifty."""


class Numeric(str):
    """The digits of a cell that a workbook keeps as a number, not as a text.

    Zeros at its beginning are gone, and digits behind the fifteenth.
    """

    __slots__ = ()


class Sheet(Protocol):
    """A table that is read row by row, as often as one likes, but by one at a time."""

    @property
    def name(self) -> str:
        """By which it is called when something is told of it."""

    @property
    def data(self) -> BinaryIO:
        """The file, as it came."""

    @property
    def encoding(self) -> str:
        """In which it was written, for people."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is unusual about it, a line for each, without the name."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not empty, with its line. Raises UsageError."""

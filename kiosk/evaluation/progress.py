"""A bar on standard error that shows how far a bench has come, and leaves no trace."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def show_progress(items: Sequence[Item], doing: str) -> Iterable[Item]:
    """The items one after another, while the bar moves on; `doing` stands before it."""
    return track(items, doing, transient=True, console=Console(stderr=True))

"""What is said of a name that is none of those there are: all of them, and the nearest."""

import difflib
from collections.abc import Iterable


def refusal(given: str, names: Iterable[str]) -> str:
    """Why a name is refused: `"gray" is not one of "white", "grey" (did you mean "grey"?)`."""
    names = list(names)
    there_are = ", ".join(f'"{name}"' for name in names)
    return f'"{given}" is not one of {there_are}{suggestion(given, names)}'


def suggestion(given: str, names: Iterable[str]) -> str:
    """The name that was probably meant, to be put behind an error; empty where none is near."""
    near = difflib.get_close_matches(given, list(names), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""

"""How a roster's capture codes look: learnt by who has them, told to who may not.

A scan that lost a key is another text, and mostly one that no code of the roster can be. What is
told is of all codes together, and in whole kinds of characters: no code can be found from it.
"""

import string
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from protocol.capture_code import LONGEST_CODE
from protocol.wire import WireType

LEARNT_FROM = 50
"""Codes. Where so many look alike, the next one does by 98 in 100 (Laplace's rule)."""

MOST_LENGTHS = 16
"""From more, nothing is learnt: a code that lost a key would be as long as some other."""

MOST_CHARACTERS = 300
"""A head has to fit into 4096 bytes."""

_KINDS = (string.digits, "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ")
"""Characters of which all may come where one does; any other comes alone."""


class CodeLooks(WireType):
    """What the codes of a roster have in common."""

    characters: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]
    """Those of which codes are made, sorted."""
    lengths: Annotated[
        tuple[Annotated[int, Field(ge=1, le=LONGEST_CODE)], ...],
        Field(min_length=1, max_length=MOST_LENGTHS),
    ]
    """In characters, sorted."""

    def fits(self, text: str) -> bool:
        """Whether a text can be one of the codes, by its looks.

        Where codes have lengths close together, one of them that lost a key may look like another;
        whoever looks it up finds nobody.
        """
        return len(text) in self.lengths and set(text) <= set(self.characters)

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        return self.model_dump_json().encode()


class LooksSeen:
    """The looks of codes that are shown one after another, of which none is kept."""

    def __init__(self, known: CodeLooks | None = None) -> None:
        """Begin with nothing, or with what is known of codes before."""
        self._count = LEARNT_FROM if known is not None else 0
        self._characters = set(known.characters if known is not None else "")
        self._lengths = set(known.lengths if known is not None else ())

    def see(self, code: str) -> None:
        """Learn from one more code."""
        self._count += 1
        self._characters.update(code)
        self._lengths.add(len(code))

    def looks(self) -> CodeLooks | None:
        """What all have in common; None where too few were seen, or they have too little."""
        characters = set(self._characters)
        for kind in _KINDS:
            if characters & set(kind):
                characters |= set(kind)
        few = self._count < LEARNT_FROM
        if few or len(self._lengths) > MOST_LENGTHS or len(characters) > MOST_CHARACTERS:
            return None
        return CodeLooks(
            characters="".join(sorted(characters)), lengths=tuple(sorted(self._lengths))
        )


def joined(known: CodeLooks | None, codes: Iterable[str]) -> CodeLooks | None:
    """What is known of codes, with more of them; None where nothing was learnt before."""
    if known is None:
        return None
    seen = LooksSeen(known)
    for code in codes:
        seen.see(code)
    return seen.looks()

"""Scans as scanners make them, stroke by stroke: whole ones, spoilt ones, and rubbish between.

All pure but for the generator passed in.
"""

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from kiosk.reader.reader import LONGEST_PAUSE, Framing
from protocol.code_looks import CodeLooks, LooksSeen

BASE64 = string.ascii_letters + string.digits + "+/"
PUNCTUATED = string.ascii_letters + string.digits + "-_./=+&?:"

SURE_PAUSE = LONGEST_PAUSE + 0.05
"""Seconds: nobody takes one telephone away and holds out another in less."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One character that the scanner means, and the seconds after the stroke before."""

    char: str
    gap: float


@dataclass(frozen=True, slots=True)
class Act:
    """What a scanner does at one time, before a second of silence."""

    strokes: tuple[Stroke, ...]
    code: str | None
    """The one code that may be handed on."""
    whole: bool
    """Whether it is a scan that nothing happened to: its code must be handed on."""
    what: str


@dataclass(frozen=True, slots=True)
class Roster:
    """Codes of one kind, how they look, and how this booth's scanner sends them."""

    codes: tuple[str, ...]
    looks: CodeLooks
    framing: Framing


def draw_roster(rng: Random) -> Roster:
    """Codes of one of the kinds that registries use, and a scanner that is set up in some way.

    Where there are several lengths, they are further apart than keys are lost (a cipher has
    blocks): of a code that lost two keys nobody could tell that it is none of 22.
    """
    alphabet, lengths = rng.choice(
        [
            (string.hexdigits[:16], (32,)),
            (BASE64, (44, 64, 88)),
            (string.digits, (20,)),
            (string.ascii_uppercase + string.digits, (16, 24)),
        ]
    )
    codes = tuple("".join(rng.choices(alphabet, k=rng.choice(lengths))) for _ in range(200))
    seen = LooksSeen()
    for code in codes:
        seen.see(code)
    looks = seen.looks()
    assert looks is not None
    prefix, suffix = rng.choice([("", ""), ("", ""), ("", "\t"), ("]Q1", ""), ("~", "$")])
    length = lengths[0] if len(lengths) == 1 and rng.random() < 0.5 else 0
    return Roster(codes, looks, Framing(prefix, suffix, length))


def draw_act(roster: Roster, rng: Random, damages: Mapping[str, "Damage"]) -> Act:
    """Half of all acts are whole scans; the others each have one thing happen to them."""
    code = rng.choice(roster.codes)
    pace = rng.choice([0.001, 0.002, 0.005, 0.012])
    line = f"{roster.framing.prefix}{code}{roster.framing.suffix}"
    strokes = [Stroke(char, pace) for char in f"{line}\r"]
    if rng.random() < 0.5:
        if rng.random() < 0.2:  # a moment in which the wire or the booth was busy
            at = rng.randrange(len(strokes))
            strokes[at] = Stroke(strokes[at].char, rng.uniform(0, 0.2))
        return Act(tuple(strokes), code, True, "whole")
    what = rng.choice(list(damages))
    strokes, may_be = damages[what](strokes, roster, rng)
    return Act(tuple(strokes), code if may_be else None, False, what)


# ---- what happens to scans ----

Damage = Callable[[list[Stroke], Roster, Random], tuple[list[Stroke], bool]]
"""The strokes that are left of a scan, or come in its stead, and whether its code may be read."""


def _lose(strokes: list[Stroke], _: Roster, rng: Random) -> tuple[list[Stroke], bool]:
    lost = set(rng.sample(range(len(strokes) - 1), rng.randint(1, 4)))
    return [each for at, each in enumerate(strokes) if at not in lost], False


def _lose_enter(strokes: list[Stroke], _: Roster, rng: Random) -> tuple[list[Stroke], bool]:
    return strokes[: rng.choice([-1, rng.randrange(1, len(strokes))])], False


def _stall(strokes: list[Stroke], _: Roster, rng: Random) -> tuple[list[Stroke], bool]:
    for at in rng.sample(range(1, len(strokes)), rng.randint(1, 2)):
        strokes[at] = Stroke(strokes[at].char, rng.uniform(SURE_PAUSE, 4))
    return strokes, True  # a wire that loses nothing may be heard out


def _stall_and_lose(
    strokes: list[Stroke], roster: Roster, rng: Random
) -> tuple[list[Stroke], bool]:
    return _stall(_lose(strokes, roster, rng)[0], roster, rng)[0], False


def _half_then_whole(strokes: list[Stroke], _: Roster, rng: Random) -> tuple[list[Stroke], bool]:
    half = strokes[: rng.randrange(1, len(strokes))]
    after = Stroke(strokes[0].char, rng.uniform(SURE_PAUSE, 4))
    return [*half, after, *strokes[1:]], True


def _half_then_another(
    strokes: list[Stroke], roster: Roster, rng: Random
) -> tuple[list[Stroke], bool]:
    other = rng.choice(roster.codes)
    line = f"{roster.framing.prefix}{other}{roster.framing.suffix}\r"
    half = [Stroke(char, 0.002) for char in line[: rng.randrange(1, len(line) - 1)]]
    return [*half, Stroke(strokes[0].char, rng.uniform(SURE_PAUSE, 4)), *strokes[1:]], True


def _double_keys(strokes: list[Stroke], _: Roster, rng: Random) -> tuple[list[Stroke], bool]:
    many = rng.random() < 0.3
    doubled = set(range(len(strokes))) if many else {rng.randrange(len(strokes) - 1)}
    return [one for at, one in enumerate(strokes) for _ in range(1 + (at in doubled))], False


def _double_scan(strokes: list[Stroke], _: Roster, rng: Random) -> tuple[list[Stroke], bool]:
    return (strokes if rng.random() < 0.5 else strokes[:-1]) + strokes, True


def _enter_amid(strokes: list[Stroke], _: Roster, rng: Random) -> tuple[list[Stroke], bool]:
    at = rng.randrange(1, len(strokes) - 1)
    return [*strokes[:at], Stroke("\r", 0.002), *strokes[at:]], False


def _person(strokes: list[Stroke], _: Roster, rng: Random) -> tuple[list[Stroke], bool]:
    typed = [*rng.choices(PUNCTUATED, k=rng.randint(1, 30)), *"\r" * rng.randint(0, 1)]
    return [Stroke(char, rng.uniform(0.08, 0.6)) for char in typed], False


def _noise(strokes: list[Stroke], _: Roster, rng: Random) -> tuple[list[Stroke], bool]:
    typed = [*rng.choices(PUNCTUATED, k=rng.randint(1, 200)), *"\r" * rng.randint(0, 2)]
    return [Stroke(char, 0.002) for char in typed], False


def _another_code(strokes: list[Stroke], roster: Roster, rng: Random) -> tuple[list[Stroke], bool]:
    text = rng.choice(["https://example.com/a?b=1", "134567890123456789", "WIFI:T:WPA;S:x;;"])
    return [Stroke(char, 0.002) for char in f"{roster.framing.prefix}{text}\r"], False


DAMAGES: dict[str, Damage] = {
    "keys lost": _lose,
    "end lost": _lose_enter,
    "stalled": _stall,
    "stalled, keys lost": _stall_and_lose,
    "half, then whole": _half_then_whole,
    "half of another, then whole": _half_then_another,
    "keys doubled": _double_keys,
    "sent twice": _double_scan,
    "Enter amid": _enter_amid,
    "a person types": _person,
    "noise": _noise,
    "another kind of code": _another_code,
}

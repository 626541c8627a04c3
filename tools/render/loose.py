"""Loose hair as strands, from a crew cut to curls and hair down the back.

A strand leaves the scalp, bends under its weight over a length that tells how stiff it is, lies on
the head where it touches it, and hangs where it does not.
"""

from dataclasses import dataclass

import numpy as np
from body import ramp
from hair import Hairline, Skull, Style, angles, roots_of, unit

POINTS = 26  # along a strand


@dataclass(frozen=True)
class Fall:
    """How loose hair is cut and falls; lengths in metres, angles in degrees."""

    strands: int = 60_000
    thickness: float = 0.0001
    melanin: float = 0.96
    redness: float = 0.35
    strays: int = 250
    # The length at azimuths from the forehead round to the nape, and on the top of the head.
    lengths: tuple[tuple[float, float], ...] = ((0, 0.06), (60, 0.03), (90, 0.02), (180, 0.02))
    top: float = 0.06
    uneven: float = 0.25  # how much shorter some hairs are than their neighbours, a share
    # Which way hair is combed at those azimuths: below 0 towards the back, above towards the face.
    comb: tuple[tuple[float, float], ...] = ((0, 0.4), (90, 0.2), (180, -0.2))
    part: float = 0.02  # where the hair parts, m to the subject's left
    sweep: float = 0.8  # how much hair falls away from the parting
    rise: float = 0.35  # how steeply hair leaves the scalp
    stiff: float = 0.03  # m over which a hair bends to where it is pulled
    clear: float = 0.0  # how much hair is kept off the face and behind the ears
    forward: float = 0.0  # how much hair is laid over the front of the shoulders
    lift: float = 0.014  # thickness of the hair on the scalp
    curl: float = 0.0  # radius of a curl
    pitch: float = 0.03  # length of hair in a turn of a curl
    locks: int = 400
    gather: float = 0.45  # how much hairs of a lock keep together
    hairline: Hairline = Style.hairline


def fallen(skull: Skull, fall: Fall, rng: np.random.Generator) -> np.ndarray:
    """Loose hair: strands (n, POINTS, 3) from the scalp to the tip."""
    roots = roots_of(skull, fall.hairline, fall.strands, rng)
    away = unit(roots - skull.centre)
    # Cells around seeds gather into locks.
    seeds = rng.choice(len(roots), fall.locks, replace=False)
    lock = np.concatenate([(part @ away[seeds].T).argmax(1) for part in np.array_split(away, 16)])
    layer = 0.25 + 0.75 * rng.random(len(roots)) ** 0.8
    layer[seeds] = 0.8
    length = _length(away, fall) * (1 - fall.uneven * rng.random(len(roots)))
    height = fall.lift * layer * (0.75 + 0.5 * rng.random(fall.locks))[lock]
    jitter = rng.normal(0, 0.05, roots.shape) + rng.normal(0, 0.10, (fall.locks, 3))[lock]
    strands = _drop(skull, fall, roots, length, height, jitter)
    u = np.linspace(0, 1, POINTS)[None, :, None]
    drawn = fall.gather * (0.4 + 0.6 * rng.random((len(roots), 1, 1))) * ramp(u, 0.1, 1.0)
    lead = strands[seeds][lock] + (roots - roots[seeds][lock])[:, None] * (1 - 0.8 * u)
    near = np.linalg.norm(roots - roots[seeds][lock], axis=1) < 0.02
    strands = strands + np.where(near[:, None, None], drawn, 0) * (lead - strands)
    if fall.curl:
        strands = strands + _curls(skull, fall, strands, length, lock, rng)
    loose = rng.random(len(roots)) < fall.strays / fall.strands
    drift = rng.normal(0, 0.16, (len(roots), 1, 3)) * length[:, None, None] * u**1.5
    strands = strands + np.where(loose[:, None, None], drift, 0)
    return _outside(skull, strands, 0.0012)


def _length(way: np.ndarray, fall: Fall) -> np.ndarray:
    azimuth, elevation = angles(way)
    around = np.interp(np.abs(azimuth), *zip(*fall.lengths, strict=True))
    high = ramp(elevation, 42.0, 75.0)
    return around * (1 - high) + fall.top * high


def _drop(
    skull: Skull,
    fall: Fall,
    roots: np.ndarray,
    length: np.ndarray,
    height: np.ndarray,
    jitter: np.ndarray,
) -> np.ndarray:
    """Let hairs leave their roots and bend, step by step."""
    points, step = [roots], (length / (POINTS - 1))[:, None]
    here, way = roots, None
    for k in range(1, POINTS):
        out = unit(here - skull.centre)
        azimuth, _ = angles(out)
        comb = np.interp(np.abs(azimuth), *zip(*fall.comb, strict=True))
        top = ramp(out[:, 1], 0.35, 0.85)
        aside = np.tanh((here[:, 0] - fall.part) / 0.01) * fall.sweep * top
        off = fall.clear * ramp(out[:, 2], 0.0, 0.4) * ramp(-out[:, 1], -0.75, -0.45)
        aside = aside + off * np.tanh((here[:, 0] - fall.part) / 0.01)
        gap = np.linalg.norm(here - skull.centre, axis=1) - skull.radius(out)
        touching = 1 - ramp(gap, 0.01, 0.03)
        lying = np.stack([aside, np.zeros(len(here)), comb - off], 1) * touching[:, None]
        pull = lying + jitter * (0.25 + 0.75 * touching[:, None]) + (0.0, -1.0, 0.0)
        # Between the ears and the shoulders it comes forward; over the chest it hangs.
        pull[:, 2] += fall.forward * ramp(-out[:, 1], 0.2, 0.5) * (1 - ramp(gap, 0.05, 0.12))
        # On the head, hair can only slide along it.
        inward = np.minimum((pull * out).sum(1, keepdims=True), 0)
        pull = unit(pull - touching[:, None] * inward * out)
        if way is None:
            way = unit(pull + fall.rise * out)
        bend = 1 - np.exp(-step / fall.stiff)
        way = unit(way * (1 - bend) + pull * bend)
        here = here + way * step
        out = unit(here - skull.centre)
        least = skull.radius(out) + height * ramp(np.float64(k), 0, 5)
        short = np.maximum(least - np.linalg.norm(here - skull.centre, axis=1), 0)
        over = out[:, 1] > -0.62  # below, there is the neck
        here = here + np.where(over, short, 0)[:, None] * out
        points.append(here)
    return np.stack(points, 1)


def _curls(
    skull: Skull,
    fall: Fall,
    strands: np.ndarray,
    length: np.ndarray,
    lock: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """How far a curl takes each point of a strand from the strand's middle."""
    along = unit(np.gradient(strands, axis=1) + 1e-9)
    side = unit(np.cross(along, strands - skull.centre) + 1e-9)
    up = np.cross(side, along)
    u = np.linspace(0, 1, POINTS)[None, :]
    pitch = fall.pitch * (0.75 + 0.5 * rng.random(fall.locks))[lock]
    turn = (
        2 * np.pi * u * (length / pitch)[:, None] + 2 * np.pi * rng.random(fall.locks)[lock, None]
    )
    turn = turn + rng.normal(0, 0.35, (len(lock), 1))
    radius = fall.curl * ramp(u, 0, 0.25) * (0.7 + 0.6 * rng.random((len(lock), 1)))
    return radius[..., None] * (np.cos(turn)[..., None] * side + np.sin(turn)[..., None] * up)


def _outside(skull: Skull, strands: np.ndarray, gap: float) -> np.ndarray:
    """Push what lies within the head out of it."""
    offset = strands - skull.centre
    way = unit(offset)
    radius = np.linalg.norm(offset, axis=2)
    least = skull.radius(way) + gap
    inside = (radius < least) & (way[..., 1] > -0.62)
    inside[:, :2] = False
    return np.where(inside[..., None], skull.centre + way * least[..., None], strands)

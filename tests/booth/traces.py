"""What of a student can still be found in a booth: a walk over all that can be reached from it."""

import gc
from collections.abc import Iterable, Iterator
from functools import _lru_cache_wrapper
from types import FunctionType, ModuleType

import numpy as np

from kiosk.booth.loop import Booth
from kiosk.booth.reflections import Found
from kiosk.booth.spot_notes import Left
from kiosk.booth.spot_relief import Relief
from kiosk.camera.frame import Frame
from kiosk.demo.town import Town
from kiosk.lighting.attribution import Answer, Question
from kiosk.lighting.relief import Mirrored
from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.look.face import Mesh
from kiosk.pipeline.observation import Coverage, Face, Glasses, Observation, Scene, Skin, Spot
from kiosk.pipeline.photo.burst import Shot
from kiosk.pipeline.photo.standardise import Evidence, Photo
from protocol.student import Student

STUDENT = Student("r", "林小雨", "2022010001", "10000", "示范大学", "文学院")

OF_A_STUDENT = (
    Student, Face, Skin, Scene, Coverage, Glasses, Observation, Mesh, RuleResult, Assessment,
    Shot, Evidence, Photo, Spot, Question, Answer, Relief, Left, Found, Mirrored,
)  # fmt: skip

WORDS = (STUDENT.name, STUDENT.student_no, STUDENT.college, Town.capture_code)


def reachable(start: object, since: float) -> Iterator[object]:
    """Every object that can be reached from one, but for code (modules, classes, functions), and
    for frames taken since: they show whoever stands there now.
    """
    seen, waiting = {id(start)}, [start]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, Frame) and thing.time >= since:
            continue
        yield thing
        found = [*gc.get_referents(thing)]
        if isinstance(thing, FunctionType):
            found = [*(thing.__closure__ or ()), *(thing.__defaults__ or ())]
        for other in found:
            if id(other) not in seen and not isinstance(other, ModuleType | type):
                seen.add(id(other))
                waiting.append(other)


def left_of_a_student(booth: Booth, since: float = 0.0) -> list[str]:
    """What of a student can be reached from the booth, whose visit ended then."""
    gc.collect()
    found = []
    for thing in reachable(booth, since):
        if isinstance(thing, OF_A_STUDENT):
            found.append(type(thing).__name__)
        elif isinstance(thing, str) and any(word in thing for word in WORDS):
            found.append("a word of theirs")
        elif isinstance(thing, np.ndarray) and thing.dtype == np.uint8 and thing.ndim == 3:
            found.append(f"a picture, {thing.shape}")
    return found


Cache = _lru_cache_wrapper


def find_caches() -> "list[Cache[object]]":
    """The caches of all functions: what screens draw is kept in some."""
    return [thing for thing in gc.get_objects() if isinstance(thing, Cache)]


def words_in_caches(caches: "Iterable[Cache[object]]") -> list[str]:
    """The functions whose caches have kept a word of the student."""
    return sorted(
        cache.__wrapped__.__name__
        for cache in caches
        if any(word in text for text in _texts(cache) for word in WORDS)
    )


def _texts(cache: object) -> Iterator[str]:
    """The texts among a cache's keys and values."""
    for thing in gc.get_referents(cache):
        if isinstance(thing, str):
            yield thing
        elif isinstance(thing, tuple):
            yield from (part for part in thing if isinstance(part, str))

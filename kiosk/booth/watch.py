"""Watching the person before the camera: frame by frame, with the lamps that follow them.

What is remembered of a person from frame to frame is here, and `forget` drops all of it. For the
booth's worker only.
"""

from dataclasses import replace

from kiosk import visit as v
from kiosk.booth.attendance_call import Proof
from kiosk.booth.booth_light import BoothLight
from kiosk.booth.faults import SteadyColours
from kiosk.booth.lamp_frame import Looked
from kiosk.booth.lamp_phases import Phase
from kiosk.booth.lamp_schedule import (
    LampSchedule,
    follow_schedule,
    next_person,
    note_presence,
    same_person,
)
from kiosk.booth.reflections import Found
from kiosk.camera.frame import Frame
from kiosk.lighting import control_law
from kiosk.pipeline.assessment import Assessment
from kiosk.pipeline.hue import HeadPlace, shows_wrong_colours_behind
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.judge.rules import OF_COVERAGE
from kiosk.pipeline.judge.steady import Steady, smooth
from kiosk.pipeline.look.backdrop_light import measure_backdrop
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Observation
from kiosk.pipeline.specification import Specification


class Watch:
    """Looks at frames, judges them steadily, and drives the lamps meanwhile."""

    def __init__(self, looker: Looker, light: BoothLight, specification: Specification) -> None:
        self._looker, self._light, self._specification = looker, light, specification
        working = light.means(can_vote=looker.can_tell_attendance).working
        self._schedule = LampSchedule(control_law.begin(working, working))
        self._steady = Steady()
        self._broken: frozenset[str] = frozenset()
        """Rules that were not good in the last frame."""
        self._colours = SteadyColours()

    @property
    def wrong_colours(self) -> bool | None:
        """Whether the light blue backdrop behind them has another colour; None while unknown."""
        return self._colours.wrong

    @property
    def proof(self) -> Proof | None:
        """What is proven of the person who is looked at."""
        return self._schedule.call.proof

    @property
    def phase(self) -> Phase:
        """Who has the lamps."""
        return self._schedule.phase

    @property
    def found(self) -> tuple[Found, ...]:
        """What the last frame told to be mirrored."""
        return self._schedule.found

    @property
    def levels(self) -> dict[str, float]:
        """Where the person's light leaves the lamps, and the screen: the usual levels of somebody
        who has just come."""
        return self._schedule.rest

    @property
    def notices(self) -> frozenset[str]:
        """What the control law has noticed of the lamps."""
        return self._schedule.control.notices

    def look(self, frame: Frame, *, holding: bool = False) -> v.Assessed:
        """Look at the next frame; what is said of it is steadied over the frames before.

        `holding`: whether they are praised and asked to hold still.
        """
        schedule, under = self._schedule, self._light.levels_at(frame.time)
        calling = under if schedule.call.under_way else None
        seen = self._looker.follow(
            frame.preview,
            frame.time,
            calling,
            asking=schedule.asking,
            mending=bool(self._broken & OF_COVERAGE),
        )
        self._check_colours(frame, seen)
        means = self._light.means(can_vote=self._looker.can_tell_attendance)
        looked = Looked(
            seen,
            self._broken,
            frame.time,
            under,
            _measure_behind(frame, seen),
            holding=holding,
        )
        self._schedule, levels = follow_schedule(schedule, looked, means)
        self._light.set(levels)
        answer = self._schedule.call.answer
        found = judge(replace(seen, attendance=answer), self._specification)
        self._steady, steady = smooth(self._steady, found, frame.time)
        self._broken = _find_broken(steady)
        answered = not means.calls or answer is not None
        complete = answered and self._looker.has_looked(frame.time)
        steady = replace(steady, complete=complete)
        return v.Assessed(steady, frame.time, _find_head(seen), self._schedule.work)

    def count_faces(self, frame: Frame) -> v.Seen:
        """See only whether somebody is there: whoever was is forgotten once they are away for
        long."""
        seen = self._looker.find_face(frame.preview)
        faces = max(seen.faces or 0, int(seen.face is not None))
        self._schedule = note_presence(self._schedule, frame.time, there=faces > 0)
        return v.Seen(faces, frame.time)

    def look_again(self) -> None:
        """Look at the same person anew, for a retake: nothing that was seen of them counts, but the
        light stays as it was found right for them."""
        self._forget_looks()
        self._schedule = same_person(self._schedule)

    def forget(self) -> None:
        """Drop everything that was seen of a person, and what was asked and found about them."""
        self._forget_looks()
        self._schedule = next_person(self._schedule)

    def _forget_looks(self) -> None:
        self._looker.forget()
        self._steady, self._broken = Steady(), frozenset()
        self._colours = SteadyColours()

    def _check_colours(self, frame: Frame, seen: Observation) -> None:
        if seen.face is not None:
            face = seen.face
            head = HeadPlace(face.midline, face.eye_line, face.chin[1], face.width)
            wrong = shows_wrong_colours_behind(frame.preview, head)
            self._colours = self._colours.after(wrong, frame.time)


def _measure_behind(frame: Frame, seen: Observation) -> float | None:
    if seen.face is None:
        return None
    return sum(measure_backdrop(frame.preview)) / 2


def _find_broken(steady: Assessment) -> frozenset[str]:
    return frozenset(rule.id for rule in steady.rules if rule.good is False)


def _find_head(seen: Observation) -> v.Head | None:
    face = seen.face
    if face is None:
        return None
    return v.Head(
        face.midline / seen.width, face.eye_line / seen.height, face.width / seen.width, face.roll
    )

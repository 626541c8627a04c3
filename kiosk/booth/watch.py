"""Watching the person before the camera: frame by frame, with the lamps that follow them.

What is remembered of a person from frame to frame is here, and `forget` drops all of it. For the
booth's worker only.
"""

from dataclasses import replace

from kiosk import visit as v
from kiosk.booth.attendance_call import KEY_LAMPS, AttendanceCall, follow_call
from kiosk.booth.faults import SteadyColours
from kiosk.camera.frame import Frame
from kiosk.lighting import control_law
from kiosk.lighting.lamps import Lamps
from kiosk.pipeline.hue import HeadPlace, shows_wrong_colours_behind
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.judge.steady import Steady, smooth
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.observation import Observation
from kiosk.pipeline.specification import Specification


class Watch:
    """Looks at frames, judges them steadily, and drives the lamps meanwhile."""

    def __init__(self, looker: Looker, lamps: Lamps, specification: Specification) -> None:
        self._looker, self._lamps, self._specification = looker, lamps, specification
        self._steady = Steady()
        self._call = AttendanceCall()
        self._colours = SteadyColours()

    @property
    def wrong_colours(self) -> bool | None:
        """Whether the light blue backdrop behind them has another colour; None while unknown."""
        return self._colours.wrong

    def look(self, frame: Frame) -> v.Assessed:
        """Look at the next frame; what is said of it is steadied over the frames before."""
        calling = self._call.under_way
        levels = self._lamps.levels
        seen = self._looker.follow(frame.preview, frame.time, levels if calling else None)
        able = self._looker.can_tell_attendance and self._lamps.available
        able = able and levels.keys() >= KEY_LAMPS
        self._check_colours(frame, seen)
        self._call, wanted = follow_call(self._call, seen, frame.time, levels, able=able)
        if wanted is not None:
            self._lamps.set(wanted)
        if not self._call.under_way:
            self._even_light(seen)
        found = judge(replace(seen, attendance=self._call.answer), self._specification)
        self._steady, steady = smooth(self._steady, found, frame.time)
        answered = not able or self._call.answer is not None
        complete = answered and self._looker.has_looked(frame.time)
        steady = replace(steady, complete=complete)
        return v.Assessed(steady, frame.time, _find_head(seen))

    def count_faces(self, frame: Frame) -> v.Seen:
        """See only whether somebody is there; nothing of it is remembered."""
        seen = self._looker.find_face(frame.preview)
        return v.Seen(max(seen.faces or 0, int(seen.face is not None)), frame.time)

    def forget(self) -> None:
        """Drop everything that was seen of a person."""
        self._looker.forget()
        self._steady, self._call = Steady(), AttendanceCall()
        self._colours = SteadyColours()

    def _check_colours(self, frame: Frame, seen: Observation) -> None:
        if seen.face is not None:
            face = seen.face
            head = HeadPlace(face.midline, face.eye_line, face.chin[1], face.width)
            wrong = shows_wrong_colours_behind(frame.preview, head)
            self._colours = self._colours.after(wrong, frame.time)

    def _even_light(self, seen: Observation) -> None:
        if seen.skin is not None:
            left, right = seen.skin.light_picture_left, seen.skin.light_picture_right
            self._lamps.set(control_law.balance_key_lamps(self._lamps.levels, left, right))


def _find_head(seen: Observation) -> v.Head | None:
    face = seen.face
    if face is None:
        return None
    return v.Head(
        face.midline / seen.width, face.eye_line / seen.height, face.width / seen.width, face.roll
    )

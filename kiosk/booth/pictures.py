"""The pictures of a student that the booth holds: kept, handed out, and wiped in one place."""

from dataclasses import dataclass, field

from kiosk.booth.capture import Capture
from kiosk.booth.wiping import find_pictures, wipe_pictures
from kiosk.camera.frame import Frame, Picture
from kiosk.visit import Stage


@dataclass
class StudentPictures:
    """All pictures of the student at hand. For the loop alone; its jobs are handed what they use.

    What is dropped is overwritten by `wipe`, once no job uses it any more.
    """

    frame: Frame | None = None
    """The newest preview; only in the stages that look."""
    captures: tuple[Capture, ...] = ()
    """Those that wait for review, each with its photo."""
    taken: Capture | None = None
    """The newest capture, while its photo is made."""
    _fresh: bool = False
    """Whether the frame was not looked at yet."""
    _to_wipe: list[Picture] = field(default_factory=list)

    @property
    def photos(self) -> tuple[Picture, ...]:
        """The finished photos, in the order in which they were taken."""
        return tuple(
            capture.photo.picture for capture in self.captures if capture.photo is not None
        )

    @property
    def wiped(self) -> bool:
        """Whether nothing that was dropped waits to be overwritten."""
        return not self._to_wipe

    def see(self, frame: Frame) -> None:
        """Keep the newest preview, to be looked at once."""
        self.frame, self._fresh = frame, True

    def take_fresh_frame(self) -> Frame | None:
        """The newest preview, if it was not looked at yet."""
        frame = self.frame if self._fresh else None
        self._fresh = False
        return frame

    def keep(self, capture: Capture, stage: Stage) -> None:
        """Keep a capture that this stage waits for; drop any other, which came too late."""
        if stage is Stage.SHUTTER and capture.photo is None:
            self.taken = capture
        elif stage is Stage.STANDARDISING and capture.photo is not None:
            self.taken, self.captures = None, (*self.captures, capture)
        else:
            self.drop(capture)

    def drop(self, *captures: Capture) -> None:
        """Let the pictures of captures that are not held here be wiped."""
        self._to_wipe += find_pictures(captures)

    def drop_frame(self) -> None:
        """Drop what the camera saw last."""
        self._to_wipe += find_pictures((), self.frame)
        self.frame, self._fresh = None, False

    def drop_taken(self) -> None:
        """Drop the capture that has no photo yet."""
        if self.taken is not None:
            self.drop(self.taken)
            self.taken = None

    def drop_photo(self, number: int) -> None:
        """Drop one of those that wait for review, by its place from 0."""
        self.drop(self.captures[number])
        self.captures = self.captures[:number] + self.captures[number + 1 :]

    def drop_all(self) -> None:
        """Drop every picture of the student."""
        self.drop_frame()
        self.drop_taken()
        self.drop(*self.captures)
        self.captures = ()

    def wipe(self) -> None:
        """Overwrite what was dropped. Not while a job may use it."""
        wipe_pictures(self._to_wipe)
        self._to_wipe.clear()

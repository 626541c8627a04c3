"""The camera process: the newest frame whatever happens, and nothing left behind."""

import errno
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from kiosk.camera import Controls, Frame
from kiosk.camera.process import CameraProcess, Slots
from kiosk.errors import CameraFault
from kiosk.supervisor import Backoff

PREVIEW = (60, 80)
MAIN = (120, 160)
SOON = 20.0
"""Seconds; not a target, only an end to waiting where something is broken."""


@dataclass
class Stripes:
    """A camera whose every pixel of a frame is the frame's number modulo 256."""

    folder: Path
    """Each process that opens the camera leaves its id here."""
    preview: tuple[int, int] = PREVIEW
    main: tuple[int, int] = MAIN
    rate: float = 200.0

    name = "stripes"

    def start(self) -> None:
        (self.folder / f"{os.getpid()}.pid").touch()
        self._number = 0
        self._controls = Controls()

    def read(self, *, main: bool) -> Frame:
        time.sleep(1 / self.rate)
        self._number += 1
        width, height = self.main
        return Frame(
            number=self._number,
            time=time.monotonic(),
            preview=np.full((self.preview[1], self.preview[0], 3), self._number % 256, np.uint8),
            image=np.full((height, width, 3), self._number % 256, np.uint8) if main else None,
            controls=self._controls,
        )

    def control(self, controls: Controls) -> None:
        self._controls = controls

    def stop(self) -> None:
        (self.folder / f"{os.getpid()}.stopped").touch()


class Absent(Stripes):
    """A camera that is only there once a file says so."""

    def start(self) -> None:
        if not (self.folder / "plugged").exists():
            raise CameraFault("no camera is plugged in")
        super().start()


class Blocking(Stripes):
    """A camera whose first life blocks for ever in its fifth frame, and again in stop()."""

    def read(self, *, main: bool) -> Frame:
        frame = super().read(main=main)
        if frame.number == 5 and len(list(self.folder.glob("*.pid"))) == 1:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
            time.sleep(3600)
        return frame

    def stop(self) -> None:
        time.sleep(3600)


class Broken(Stripes):
    def read(self, *, main: bool) -> Frame:
        raise ZeroDivisionError("a bug in the driver")


def processes(folder: Path) -> list[int]:
    """The ids of all processes that ever opened a camera here."""
    return [int(file.stem) for file in sorted(folder.glob("*.pid"), key=os.path.getmtime)]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def next_frame(camera: CameraProcess) -> Frame:
    end = time.monotonic() + SOON
    while (frame := camera.newest()) is None:
        assert time.monotonic() < end, "no frame came"
        time.sleep(0.001)
    return frame


@contextmanager
def running(
    kind: type[Stripes], folder: Path, *, patience: float = 5.0, **more: object
) -> Iterator[CameraProcess]:
    camera = CameraProcess(
        partial(kind, folder, **more),  # type: ignore[arg-type]
        PREVIEW,
        MAIN,
        patience=patience,
        backoff=Backoff(first=0.01, ceiling=0.05),
    )
    camera.start()
    try:
        yield camera
    finally:
        camera.stop()
        assert not [pid for pid in processes(folder) if alive(pid)]


def test_frames_come_whole_and_the_newest_wins(tmp_path: Path) -> None:
    with running(Stripes, tmp_path, rate=2000.0) as camera:
        last = 0
        for _ in range(100):
            frame = next_frame(camera)
            assert frame.number > last
            assert np.unique(frame.preview).tolist() == [frame.number % 256]
            assert frame.preview.shape == (80, 60, 3)
            last = frame.number


def test_a_frame_is_given_once(tmp_path: Path) -> None:
    with running(Stripes, tmp_path) as camera:
        next_frame(camera)
        camera.pace(0.01)
        time.sleep(0.1)
        camera.newest()
        assert camera.newest() is None


def test_a_capture_gives_the_next_frames_with_their_main_pictures(tmp_path: Path) -> None:
    with running(Stripes, tmp_path) as camera:
        before = next_frame(camera)
        frames = camera.capture(6, timeout=SOON)
        numbers = [frame.number for frame in frames]
        assert numbers == list(range(numbers[0], numbers[0] + 6))
        assert numbers[0] > before.number
        for frame in frames:
            assert frame.image is not None
            assert frame.image.shape == (160, 120, 3)
            assert np.unique(frame.image).tolist() == [frame.number % 256]
        wait_until(lambda: (f := camera.newest()) is not None and f.image is None)


def test_a_capture_does_not_wait_for_the_idle_pace(tmp_path: Path) -> None:
    with running(Stripes, tmp_path) as camera:
        next_frame(camera)
        camera.pace(0.01)
        assert len(camera.capture(3, timeout=SOON)) == 3


def test_a_capture_that_takes_too_long_says_how_far_it_came(tmp_path: Path) -> None:
    with running(Stripes, tmp_path, rate=10.0) as camera:
        next_frame(camera)
        with pytest.raises(CameraFault, match=r"of 1000 frames in 0\.3 s"):
            camera.capture(1000, timeout=0.3)
        assert len(camera.capture(1, timeout=SOON)) == 1


def test_controls_hold_through_a_restart(tmp_path: Path) -> None:
    wanted = Controls(8000, 1.5, (1.9, 1.4))
    with running(Stripes, tmp_path) as camera:
        next_frame(camera)
        camera.control(wanted)
        wait_until(lambda: next_frame(camera).controls == wanted)
        os.kill(processes(tmp_path)[-1], signal.SIGKILL)
        wait_until(lambda: len(processes(tmp_path)) == 2)
        wait_until(lambda: camera.available)
        next_frame(camera)
        assert next_frame(camera).controls == wanted


def test_an_idle_camera_is_asked_seldom(tmp_path: Path) -> None:
    with running(Stripes, tmp_path) as camera:
        camera.pace(0.01)
        first = next_frame(camera).number
        time.sleep(0.3)
        camera.pace(1000.0)
        assert next_frame(camera).number <= first + 2


def test_a_camera_killed_again_and_again_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kiosk.camera")
    with running(Stripes, tmp_path) as camera:
        files = -1
        for life in range(1, 5):
            wait_until(lambda life=life: len(processes(tmp_path)) == life)  # type: ignore[misc]
            wait_until(lambda: camera.available)
            next_frame(camera)
            if life == 2:
                files = open_files()
            if life < 4:
                os.kill(processes(tmp_path)[-1], signal.SIGKILL)
                wait_until(lambda: camera.fault)
        assert open_files() == files
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 6
    assert "the camera process ended (exit status -9)" in told[0]
    assert told[1] == "camera: works again"


def test_a_camera_that_blocks_for_ever_is_killed_and_started_again(tmp_path: Path) -> None:
    with running(Blocking, tmp_path, patience=0.3) as camera:
        wait_until(lambda: camera.fault)
        assert not camera.available
        with pytest.raises(CameraFault, match=r"no frame for 0\.3 s"):
            camera.capture(1, timeout=SOON)
        wait_until(lambda: camera.available)
        wait_until(lambda: camera.fault is None)
        wait_until(lambda: next_frame(camera).number > 5)


def test_a_camera_that_is_not_there_is_named_and_found_once_it_is(tmp_path: Path) -> None:
    with running(Absent, tmp_path) as camera:
        wait_until(lambda: camera.fault)
        assert camera.fault == "no camera is plugged in"
        assert not camera.available
        assert camera.newest() is None
        (tmp_path / "plugged").touch()
        next_frame(camera)
        wait_until(lambda: camera.available)


def test_a_driver_with_a_bug_is_a_fault_and_no_crash(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with running(Broken, tmp_path) as camera:
        wait_until(lambda: camera.fault)
        assert camera.fault == (
            "the camera's driver failed: ZeroDivisionError: a bug in the driver"
        )
    assert "ZeroDivisionError" in capfd.readouterr().err  # for the journal


def test_a_camera_of_another_size_is_refused_in_words(tmp_path: Path) -> None:
    with running(Stripes, tmp_path, preview=(64, 48)) as camera:
        wait_until(lambda: camera.fault)
        assert camera.fault is not None
        assert "48×64×3 uint8" in camera.fault
        assert "80×60×3 uint8" in camera.fault


def test_a_stop_lets_the_camera_say_goodbye_and_a_start_opens_it_again(tmp_path: Path) -> None:
    with running(Stripes, tmp_path) as camera:
        next_frame(camera)
        camera.stop()
        camera.stop()
        assert camera.newest() is None
        assert not camera.available
        assert len(list(tmp_path.glob("*.stopped"))) == 1
        camera.start()
        next_frame(camera)


BOOTH = """
import sys, time
from functools import partial
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_process as booth
if __name__ == "__main__":
    kind = getattr(booth, sys.argv[3])
    camera = booth.CameraProcess(partial(kind, Path(sys.argv[2])), booth.PREVIEW, booth.MAIN)
    camera.start()
    while booth.next_frame(camera).number < 4:  # the next is the one in which Blocking blocks
        pass
    Path(sys.argv[2], "frames.came").touch()
    time.sleep(3600)
"""


@pytest.mark.parametrize("kind", ["Stripes", "Blocking"])
def test_a_booth_that_is_killed_leaves_no_camera_process_and_no_memory(
    tmp_path: Path, kind: str
) -> None:
    script = tmp_path / "booth.py"
    script.write_text(BOOTH)
    here = Path(__file__).parent
    with subprocess.Popen([sys.executable, script, here, tmp_path, kind]) as booth:
        wait_until((tmp_path / "frames.came").exists)
        assert alive(processes(tmp_path)[0])
        booth.kill()
    wait_until(lambda: not alive(processes(tmp_path)[0]))
    assert not list(Path("/dev/shm").glob(f"pym-{booth.pid}-*"))


def test_frames_lie_in_memory_that_has_no_file_whatever_room_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_file(*_: object, **__: object) -> None:
        raise AssertionError("a file was made for frames")

    def files_of_multiprocessing(process: int) -> int:
        return Path(f"/proc/{process}/maps").read_text().count("pym-")

    monkeypatch.setattr(tempfile, "mkstemp", no_file)
    before = files_of_multiprocessing(os.getpid())  # other tests' twins have wires of that kind
    with running(Stripes, tmp_path) as camera:
        next_frame(camera)
        child = processes(tmp_path)[-1]
        for process, files in ((os.getpid(), before), (child, 0)):
            assert "/memfd:frames" in Path(f"/proc/{process}/maps").read_text()
            assert files_of_multiprocessing(process) == files


def test_memory_that_is_not_there_for_frames_is_a_named_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    files = open_files()
    monkeypatch.setattr("kiosk.camera.process.os.posix_fallocate", none_left)
    with pytest.raises(CameraFault, match="of memory for the camera's frames"):
        Slots(PREVIEW, MAIN)
    assert open_files() == files

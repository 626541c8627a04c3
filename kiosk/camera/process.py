"""The camera in a process of its own, so that a camera that blocks for ever can be killed.

Whoever owns libcamera may be caught in it without end once a cable comes loose, and a thread
cannot be killed. The two processes share memory without a name (nothing to leak, whoever dies)
that holds a few slots. A slot belongs to one side at a time: the booth orders a frame into a free
slot, the camera process fills it and reports, the booth copies it out. No lock is shared, since
one that is killed would keep it, and no frame can be torn; the pipes order the memory accesses.
"""

import ctypes
import math
import mmap
import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing import reduction
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

import numpy as np

from kiosk.camera.frame import Camera, Controls, Frame, Picture
from kiosk.errors import CameraFault
from kiosk.supervisor import Backoff, Supervisor

SLOTS = 2
"""One is copied out while the next is filled."""

TICK = 0.05
"""Seconds after which it is looked whether a frame that is late is still wanted."""

FAREWELL = 2.0
"""Seconds that a camera has to let go of its device before it is killed."""

PR_SET_PDEATHSIG = 1  # linux/prctl.h

Shape = tuple[int, int, int]
"""Height, width, 3."""

Size = tuple[int, int]
"""Width, height in pixels."""


@dataclass(frozen=True, slots=True)
class Order:
    """The booth asks for one frame."""

    slot: int
    main: bool
    controls: Controls | None


@dataclass(frozen=True, slots=True)
class Report:
    """The camera process says what lies in a slot."""

    slot: int
    main: bool
    number: int
    time: float
    controls: Controls


class Slots:
    """Pictures in memory shared by two processes: each slot a preview and a main picture."""

    def __init__(self, preview: Size, main: Size) -> None:
        self._shapes = tuple((height, width, 3) for width, height in (preview, main))
        self._bytes = sum(math.prod(shape) for shape in self._shapes)
        self._file = _reserve_memory(SLOTS * self._bytes)
        self._memory = mmap.mmap(self._file, SLOTS * self._bytes)

    def __getstate__(self) -> tuple[tuple[Shape, ...], Any]:
        """What a process that is being spawned is handed: the memory itself."""
        return self._shapes, reduction.DupFd(self._file)

    def __setstate__(self, state: tuple[tuple[Shape, ...], Any]) -> None:
        self._shapes, handed = state
        self._bytes = sum(math.prod(shape) for shape in self._shapes)
        self._file = handed.detach()
        self._memory = mmap.mmap(self._file, SLOTS * self._bytes)

    def close(self) -> None:
        """Let go of the memory's file; the memory goes with the last picture of it."""
        os.close(self._file)

    def pictures(self, slot: int) -> tuple[Picture, Picture]:
        """The preview and the main picture of a slot, as views on the shared memory."""
        small, large = self._shapes
        start = slot * self._bytes
        memory = np.frombuffer(self._memory, np.uint8)[start : start + self._bytes]
        edge = math.prod(small)
        return memory[:edge].reshape(small), memory[edge:].reshape(large)

    def write(self, slot: int, frame: Frame) -> None:
        """Copy a frame into a slot; raises CameraFault where it has another size than agreed."""
        for name, memory, picture in zip(
            ("preview", "main picture"),
            self.pictures(slot),
            (frame.preview, frame.image),
            strict=True,
        ):
            if picture is None:
                continue
            if picture.shape != memory.shape or picture.dtype != np.uint8:
                raise CameraFault(
                    f"the camera's {name} is {_describe(picture)}, but {_describe(memory)} was "
                    "agreed: set the sizes in the configuration to what this camera gives"
                )
            np.copyto(memory, picture)

    def read(self, report: Report) -> Frame:
        """Copy a frame out of the slot that was reported."""
        preview, image = self.pictures(report.slot)
        return Frame(
            number=report.number,
            time=report.time,
            preview=preview.copy(),
            image=image.copy() if report.main else None,
            controls=report.controls,
        )


def _reserve_memory(size: int) -> int:
    """Reserve memory that has no name and lies on no disk, zeroed; its file descriptor.

    `multiprocessing` would take a file in /tmp where /dev/shm lacks room. Raises CameraFault.
    """
    file = os.memfd_create("frames", os.MFD_CLOEXEC)
    try:
        os.ftruncate(file, size)
        os.posix_fallocate(file, 0, size)  # now, so that no picture meets memory that is not there
    except OSError as error:
        os.close(file)
        raise CameraFault(
            f"no {size / 1e6:.0f} MB of memory for the camera's frames ({error.strerror}); end what"
            " else runs on this machine"
        ) from error
    return file


def _describe(picture: Picture) -> str:
    return f"{'×'.join(str(edge) for edge in picture.shape)} {picture.dtype}"


# ---- in the camera process ----


def _die_with(parent: int) -> None:
    """Have the kernel kill this process as soon as its parent dies, even while it is blocked."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel was asked
        os._exit(1)


def _serve(
    open_camera: Callable[[], Camera],
    slots: Slots,
    orders: Connection,
    reports: Connection,
    parent: int,
) -> None:
    """Fill the slots that are ordered until the booth hangs up; report a fault as its text."""
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the booth, which then hangs up
    camera = None
    try:
        camera = open_camera()
        camera.start()
        _serve_orders(camera, slots, orders, reports)
    except CameraFault as fault:
        reports.send(str(fault))
    except Exception as error:
        reports.send(f"the camera's driver failed: {type(error).__name__}: {error}")
        raise
    finally:
        if camera is not None:
            camera.stop()


def _serve_orders(camera: Camera, slots: Slots, orders: Connection, reports: Connection) -> None:
    controls = None
    while True:
        try:
            order: Order = orders.recv()
        except EOFError:
            return
        if order.controls is not None and order.controls != controls:
            controls = order.controls
            camera.control(controls)
        frame = camera.read(main=order.main)
        slots.write(order.slot, frame)
        main = frame.image is not None
        reports.send(Report(order.slot, main, frame.number, frame.time, frame.controls))


# ---- in the booth ----


class _Wishes:
    """What the booth wants of the camera, and what it has got; shared by the booth's threads."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.controls: Controls | None = None
        self.interval = 0.0
        self.newest: Frame | None = None
        self.captured: list[Frame] = []
        self.missing = 0

    def want(self, interval: float) -> None:
        """Want a frame each so many seconds, from now on."""
        with self.changed:
            self.interval = interval
            self.changed.notify_all()

    def await_change(self, ordered: float, stopped: Callable[[], bool]) -> None:
        """Wait until another frame is due after the one ordered, or more is wanted, or no more.

        An idle booth looks seldom, and what wakes a processor costs more than what it then does.
        """
        with self.changed:
            rest = ordered + self.interval - time.monotonic()
            if rest > 0 and not self.missing and not stopped():
                self.changed.wait(rest)

    def deliver(self, frame: Frame) -> None:
        with self.changed:
            self.newest = frame
            if self.missing and frame.image is not None:
                self.captured.append(frame)
                self.missing -= 1
            self.changed.notify_all()


class _Child:
    """The camera process as a service: spawned, asked for frames, hung up on, killed."""

    def __init__(
        self,
        open_camera: Callable[[], Camera],
        sizes: tuple[Size, Size],
        wishes: _Wishes,
        stopped: Callable[[], bool],
        patience: float,
        first_patience: float,
    ) -> None:
        self._open_camera = open_camera
        self._sizes = sizes
        self._wishes = wishes
        self._stopped = stopped
        self._patience = patience
        self._first_patience = first_patience
        self._to_undo = ExitStack()

    def set_up(self) -> None:
        """Spawn the process and wait for its first frame."""
        context = multiprocessing.get_context("spawn")
        self._slots = Slots(*self._sizes)
        self._free = list(range(SLOTS))
        self._to_undo.callback(lambda: delattr(self, "_slots"))  # frees the memory
        self._to_undo.callback(self._slots.close)
        self._reports, reports = context.Pipe(duplex=False)
        orders, self._orders = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_serve,
            args=(self._open_camera, self._slots, orders, reports, os.getpid()),
            name="camera",
            daemon=True,
        )
        self._to_undo.callback(self._reports.close)
        self._to_undo.callback(_end_process, self._process)
        self._to_undo.callback(self._orders.close)
        with orders, reports:  # once it has its ends, ours would hide that it died
            self._process.start()
        self._order()
        self._await(self._first_patience)

    def run(self) -> None:
        """Order frames at the wanted pace, and deliver them, until stopped."""
        ordered = -math.inf
        while not self._stopped():
            rest = ordered + self._wishes.interval - time.monotonic()
            if self._free and (rest <= 0 or self._wishes.missing):
                ordered = time.monotonic()
                self._order()
            elif len(self._free) < SLOTS:
                self._await(self._patience)
            else:
                self._wishes.await_change(ordered, self._stopped)

    def tear_down(self) -> None:
        """Hang up, and make sure that the process is gone."""
        self._to_undo.close()
        with self._wishes.changed:
            self._wishes.changed.notify_all()

    def _order(self) -> None:
        order = Order(self._free.pop(), self._wishes.missing > 0, self._wishes.controls)
        with suppress(BrokenPipeError):  # it died; its report, or the lack of one, tells why
            self._orders.send(order)

    def _await(self, patience: float) -> None:
        """Deliver the next frame; raises CameraFault where none comes."""
        deadline = time.monotonic() + patience
        while not self._reports.poll(TICK):
            if self._stopped():
                return
            if time.monotonic() > deadline:
                self._process.kill()  # what is blocked hears no farewell
                raise CameraFault(
                    f"the camera gave no frame for {patience:g} s: check its cable; "
                    "the booth starts it again"
                )
        try:
            report: Report | str = self._reports.recv()
        except EOFError:
            self._process.join(FAREWELL)
            raise CameraFault(
                f"the camera process ended (exit status {self._process.exitcode}); "
                "the booth starts it again"
            ) from None
        if isinstance(report, str):
            raise CameraFault(report)
        self._wishes.deliver(self._slots.read(report))
        self._free.append(report.slot)


def _end_process(process: SpawnProcess) -> None:
    """Let a process end by itself if it can, else kill it."""
    if process.pid is None:
        return
    process.join(FAREWELL)
    if process.is_alive():
        process.kill()
        process.join(FAREWELL)
    if process.exitcode is not None:
        process.close()


class CameraProcess:
    """The booth's side of the camera. Nothing here blocks for longer than it is told to.

    `open_camera` makes the camera inside its process, so it must be picklable (a
    `functools.partial` of a class). A camera that gives no frame for `patience` seconds
    (`first_patience` from its start) is killed and started again until it works. Its pictures
    must have the agreed sizes.
    """

    def __init__(
        self,
        open_camera: Callable[[], Camera],
        preview_size: Size,
        main_size: Size,
        *,
        patience: float = 3.0,
        first_patience: float = 20.0,
        backoff: Backoff | None = None,
    ) -> None:
        self._wishes = _Wishes()
        self._stop = threading.Event()
        child = _Child(
            open_camera,
            (preview_size, main_size),
            self._wishes,
            self._stop.is_set,
            patience,
            first_patience,
        )
        self._supervisor = Supervisor(
            "camera", child, wait=self._stop.wait, chance=random.random, backoff=backoff
        )
        self._thread: threading.Thread | None = None

    @property
    def available(self) -> bool:
        """Whether frames come."""
        return self._supervisor.available

    @property
    def fault(self) -> str | None:
        """Why none come, in words for staff; None while they do, and before the first start."""
        return self._supervisor.fault

    def start(self) -> None:
        """Start the camera; returns at once, long before the first frame."""
        if self._thread is not None:
            return
        self._stop.clear()
        # The kernel ties the child to the thread that spawned it, and this one lives longer.
        self._thread = threading.Thread(target=self._supervisor.run, name="camera", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the camera, and return once its process is gone; may be called twice."""
        self._stop.set()
        with self._wishes.changed:
            self._wishes.changed.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._wishes.newest = None

    def newest(self) -> Frame | None:
        """Take the newest frame, or None where none came since this was asked last."""
        with self._wishes.changed:
            frame, self._wishes.newest = self._wishes.newest, None
        return frame

    def capture(self, count: int, timeout: float) -> list[Frame]:
        """Wait for the next `count` frames with their main pictures, at the camera's full pace.

        Raises CameraFault if they do not come within `timeout` seconds, or as soon as it is clear
        that they will not. One capture at a time.
        """
        wishes = self._wishes
        with wishes.changed:
            wishes.captured, wishes.missing = [], count
            wishes.changed.notify_all()
            wishes.changed.wait_for(lambda: not wishes.missing or self.fault, timeout)
            frames, wishes.captured, missing = wishes.captured, [], wishes.missing
            wishes.missing = 0
        if missing:
            raise CameraFault(
                self.fault or f"the camera gave {len(frames)} of {count} frames in {timeout:g} s"
            )
        return frames

    def control(self, controls: Controls) -> None:
        """Apply controls from the next frames on, and again whenever the camera is restarted."""
        self._wishes.controls = controls

    def pace(self, frames_per_second: float) -> None:
        """Ask for so many frames a second, so that an idle booth stays cool.

        `math.inf`, where it starts, is as many as the camera gives. Captures do not wait for it.
        """
        self._wishes.want(1 / frames_per_second)

"""The whole booth on the twin: what it does when something fails in the midst of a visit."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.booth.assembly import Simulation, open_parts
from kiosk.booth.loop import Booth
from kiosk.booth.parts import ShownBooth
from kiosk.booth.registrar_link import open_link
from kiosk.config import Config, ModelSettings
from kiosk.demo.actor import ScriptedActor
from kiosk.demo.recorder import Recorder
from kiosk.demo.town import Town
from kiosk.models import load_manifest
from kiosk.twin import Fault, Twin
from kiosk.upkeep.stock import Stock
from kiosk.visit import Stage

PATIENCE = 150
"""Seconds after which a visit that has not ended is held to hang."""


class Saboteur(Recorder):
    """Records a visit, and does harm to the booth while it goes on."""

    def __init__(self, out: Path, harm: Callable[[ShownBooth, float], None]) -> None:
        super().__init__(out, time.monotonic)
        self._harm = harm

    def shown(self, booth: ShownBooth, at: float) -> None:
        super().shown(booth, at)
        self._harm(booth, at)


def visit(
    tmp_path: Path,
    store: Path,
    harm: Callable[[ShownBooth, Twin, float], None],
    until: str | None = None,
) -> list[str]:
    """Run one visit, or its beginning `until` a state, while `harm` is done at every picture.

    The states that it went through.
    """
    config = Config(models=ModelSettings(store=store))
    with Town(tmp_path / "town", config, headless=True) as town:
        twin = Twin("lin", config.lamps.pins, seed=3)
        recorder = Saboteur(tmp_path, lambda booth, at: harm(booth, twin, at))
        actor = ScriptedActor(twin.student(town.capture_code))
        patience_ends = time.monotonic() + PATIENCE
        with open_parts(
            town.config, open_link(town.config, uuid4), Simulation(twin, actor, recorder)
        ) as parts:
            booth = Booth(parts)
            # Whoever scans at a booth that is not ready yet is not heard, and does not scan again.
            actor.ready = lambda: booth.prepared
            booth.run(
                done=lambda _: (
                    recorder.over
                    or until in states_of(recorder)
                    or time.monotonic() > patience_ends
                )
            )
        assert recorder.over or until in states_of(recorder), recorder.course
        town.deliver()
        return states_of(recorder) + ["held"] * (town.held() is not None)


def states_of(recorder: Recorder) -> list[str]:
    return [entry["state"] for entry in recorder.course]


def test_a_camera_that_comes_loose_shows_its_fault_and_the_visit_goes_on(
    tmp_path: Path, models_store: Path
) -> None:
    unplugged_at: list[float] = []

    def pull_the_cable(booth: ShownBooth, twin: Twin, at: float) -> None:
        if booth.visit.stage is Stage.GUIDE and not unplugged_at:
            twin.wires.fault = Fault.UNPLUGGED
            unplugged_at.append(at)
        elif unplugged_at and booth.visit.fault == "camera":
            twin.wires.fault = Fault.NONE

    states = visit(tmp_path, models_store, pull_the_cable)
    assert "fault-camera" in states
    assert states.index("fault-camera") < states.index("review")
    assert states[-1] == "held"
    (path,) = tmp_path.glob("town/**/stock.sqlite")
    stock = Stock(path)
    assert stock.visits() == 1
    burnt = {each.name for each in stock.supplies() if each.is_lamp and each.amount}
    assert burnt == {f"lamp.{name}" for name in Config().lamps.pins}


def test_models_that_are_missing_show_their_fault_until_they_are_there(
    tmp_path: Path, models_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.booth.loop.RETRY", 0.5)
    store = tmp_path / "store"
    store.mkdir()
    systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    systemd.bind(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    ready_at: list[str | None] = []

    def bring_them(booth: ShownBooth, twin: Twin, at: float) -> None:
        with suppress(BlockingIOError):
            ready_at.extend([booth.visit.fault] * (systemd.recv(100, socket.MSG_DONTWAIT) != b""))
        if booth.visit.fault == "models":
            for model in load_manifest().values():
                if model.required and not (store / model.file).exists():
                    (store / model.file).symlink_to(models_store / model.file)

    states = visit(tmp_path, store, bring_them, until="checklist")
    assert states.index("fault-models") < states.index("checklist")
    assert ready_at == ["models"]  # systemd hears once that the booth is ready: it says what lacks

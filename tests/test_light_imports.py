"""What judges, decides or only tells is light: it loads no model's library, and starts at once."""

import subprocess
import sys

import pytest

HEAVY = ("cv2", "matplotlib", "mediapipe", "numpy", "onnxruntime", "pygame")


def loaded_by(code: str) -> set[str]:
    """Run code in a fresh interpreter, and name the modules that it has loaded then."""
    listing = f"{code}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "module",
    [
        "kiosk.visit",
        "kiosk.pipeline.judge.judge",
        "kiosk.pipeline.judge.rules",
        "kiosk.pipeline.judge.steady",
        "kiosk.lighting.usual_levels",
        "kiosk.voice",
        "kiosk.words",
        "kiosk.reader",
        "kiosk.staff",
        "kiosk.evaluation",
        "protocol.wire",
        "protocol.student",
    ],
)
def test_what_decides_loads_nothing_heavy(module: str) -> None:
    assert not loaded_by(f"import {module}") & set(HEAVY)


def test_the_visit_loads_two_hundred_modules_at_most() -> None:
    assert len(loaded_by("import kiosk.visit")) <= 200


@pytest.mark.parametrize("module", ["registrar.store", "registrar.app", "registrar.cli"])
def test_the_registrar_loads_nothing_of_the_kiosk(module: str) -> None:
    assert not {name for name in loaded_by(f"import {module}") if name.split(".")[0] == "kiosk"}


@pytest.mark.parametrize("command", ["--help", "status --help", "bench --help"])
def test_help_is_told_without_loading_what_it_is_about(command: str) -> None:
    code = f"""
import contextlib, io
from kiosk.commands.main import main
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main({command.split()!r})"""
    assert not loaded_by(code) & {*HEAVY, "pydantic", "rich"}


def test_the_lamps_are_put_out_without_loading_anything_that_takes_long() -> None:
    code = "from kiosk.commands.main import main; main(['lamps', 'off'])"
    assert not loaded_by(code) & set(HEAVY)


def test_models_load_without_the_plots_and_the_sound_that_mediapipe_imports() -> None:
    loaded = loaded_by("from kiosk.pipeline.look.tasks import load_tasks; load_tasks()")
    assert "mediapipe" in loaded
    assert not loaded & {"matplotlib", "matplotlib.pyplot", "sounddevice"}

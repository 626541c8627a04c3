"""What stands around the commands: that each is found, loads little, and refuses what is wrong."""

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from kiosk.commands.main import COMMANDS, main
from kiosk.evaluation import BENCHES
from kiosk.pipeline.specification import specification

HEAVY = {"mediapipe", "cv2", "onnxruntime", "pygame", "matplotlib", "numpy"}

SHARED = {"main", "arguments", "booth_user", "network", "output", "pictures"}
"""Modules of the room that are no command."""

WATCHED = """
import json, sys
from kiosk.commands.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


def loaded_by(*arguments: str) -> set[str]:
    """The top-level modules that a command has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_help_loads_neither_a_model_nor_the_configuration() -> None:
    assert not loaded_by("--help") & (HEAVY | {"pydantic", "rich", "requests", "nacl"})


@pytest.mark.parametrize("command", ["status", "config", "models"])
def test_a_command_about_the_booths_state_loads_no_model(command: str) -> None:
    assert not loaded_by(command, "--json") & HEAVY


def test_a_wrong_name_is_refused_before_a_model_is_loaded() -> None:
    assert not loaded_by("bench", "no-such-bench") & HEAVY
    assert not loaded_by("verify", "--profile", "no-such-profile", "photo.jpg") & HEAVY


def test_every_module_of_the_room_is_a_command_or_shared(root: Path) -> None:
    modules = {path.stem for path in (root / "kiosk" / "commands").glob("[!_]*.py")}
    commands = {name.replace("-", "_") for name in COMMANDS}
    assert modules == commands | SHARED
    for name in commands:
        assert import_module(f"kiosk.commands.{name}").HELP


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for name in COMMANDS:
        assert re.search(rf"^    {name}\s", said, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: kiosk {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "names", "meant"),
    [
        (["verify", "x.jpg", "--background", "gray"], specification().background, "grey"),
        (["verify", "x.jpg", "--profile", "m2071"], specification().profiles, "m2017"),
        (
            ["standardise", "a", "b.jpg", "--background", "withe"],
            specification().background,
            "white",
        ),
        (["bench", "acuracy"], BENCHES, "accuracy"),
    ],
)
def test_a_wrong_name_is_told_what_there_is_and_the_nearest(
    arguments: list[str], names: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f'did you mean "{meant}"?' in said
    for name in names:
        assert f'"{name}"' in said


def test_a_size_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["standardise", "in.png", "out.jpg", "--size", "480"])
    assert ended.value.code == 2
    assert "480 is no size; give it as 480x640" in capsys.readouterr().err


def test_the_package_can_be_run_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "config", "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[0])["key"] == "booth.name"

"""Completion and manual are made from the command line itself, so that they know all of it."""

import subprocess
from pathlib import Path

import pytest

from kiosk.commands.completion import SHELLS, make_script
from kiosk.commands.main import COMMANDS, make_parser
from kiosk.commands.man import make_page
from kiosk.evaluation import BENCHES


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_completed(shell: str) -> None:
    script = make_script(make_parser(), shell)
    assert [name for name in COMMANDS if name not in script] == []
    assert all(bench in script for bench in BENCHES)
    assert "--temperament" in script
    assert ("note that some were brought" in script) is (shell != "bash")  # which shows none


def complete(typed: str, tmp_path: Path) -> list[str]:
    """What bash offers for the last word of what was typed."""
    (tmp_path / "kiosk.bash").write_text(make_script(make_parser(), "bash"))
    words = typed.split(" ")
    asking = f"""
source {tmp_path}/kiosk.bash
COMP_WORDS=({" ".join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
$(complete -p kiosk | sed 's/.*-F \\([^ ]*\\).*/\\1/') kiosk '{words[-1]}' '{words[-2]}'
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", asking], capture_output=True, text=True, check=True)
    return [word.strip() for word in done.stdout.splitlines() if word.strip()]


def test_bash_completes_commands_actions_options_and_names(tmp_path: Path) -> None:
    assert complete("kiosk st", tmp_path) == ["standardise", "stock", "status"]
    assert complete("kiosk stock re", tmp_path) == ["restock"]
    assert complete("kiosk stock restock --b", tmp_path) == ["--by"]
    assert complete("kiosk bench mat", tmp_path) == ["matting"]


def test_the_manual_tells_every_command_and_is_sound_roff(tmp_path: Path) -> None:
    page = tmp_path / "kiosk.1"
    page.write_text(make_page(make_parser(), "1.2.3"))
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", str(page)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "100", "LC_ALL": "C.UTF-8"},
    )
    if done.returncode != 0:
        pytest.skip(f"man does not run here: {done.stderr}")
    assert done.stderr == ""
    shown = done.stdout.replace("\N{HYPHEN}", "-")
    assert [name for name in COMMANDS if f"kiosk {name}" not in shown] == []
    for text in (
        "kiosk 1.2.3",
        "--retry-refused",
        "send again what the registrar refused",
        "FILES",
    ):
        assert text in shown

"""Other ways of cutting out: in an environment of their own, without a network."""

import sys
from pathlib import Path

import numpy as np
import pytest

from kiosk.commands.main import main
from kiosk.errors import KioskError
from kiosk.evaluation import peers
from kiosk.evaluation.peers import PeerTask, cut_out_by_peers, make_trimap

PROGRAM = """
import socket, sys
from pathlib import Path
import numpy as np
from PIL import Image
try:
    socket.socket(socket.AF_INET)
    sys.exit("a network")
except OSError:
    pass
folder, *ways = sys.argv[1:]
for path in Path(folder).glob("*.trimap.png"):
    for way in ways:
        alpha = np.asarray(Image.open(path), np.float32) / 255
        np.save(str(path).replace("trimap.png", f"{way}.npy"), alpha)
"""


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(peers, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(peers, "PROGRAM", tmp_path / "cut_out.py")
    return tmp_path


TRUTH = np.tile(np.repeat(np.array([0, 0.5, 1], np.float32), (40, 1, 39)), (60, 1))
TASK = PeerTask(np.zeros((60, 80, 3), np.uint8), TRUTH)


def test_without_their_environment_the_bench_says_how_it_is_made(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "matting", "--peers"]) == 2
    error = capsys.readouterr().err
    assert error.endswith("make peers\n")
    assert error.count("\n") == 1
    assert main(["bench", "codes", "--peers"]) == 2
    assert "--peers: only matting takes it" in capsys.readouterr().err


def test_a_trimap_says_nothing_within_ten_pixels_of_the_outline() -> None:
    row = make_trimap(TRUTH)[30]
    assert [int(value) for value in np.unique(row)] == [0, 128, 255]
    assert np.flatnonzero(row == 128).tolist() == list(range(30, 51))


def test_peers_cut_out_beside_the_booth_without_a_network(environment: Path) -> None:
    (environment / "cut_out.py").write_text(PROGRAM)
    found = cut_out_by_peers({"0": TASK}, ["closed-form"])
    assert found["closed-form"]["0"][30, 10] == 0
    assert found["closed-form"]["0"][30, 70] == 1


def test_a_peer_that_fails_is_told_in_a_line(environment: Path) -> None:
    (environment / "cut_out.py").write_text("import sys; sys.exit('no weights')")
    with pytest.raises(KioskError, match="no weights"):
        cut_out_by_peers({"0": TASK}, ["rvm"])

"""Long runs: `make soak`."""

import io
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.demo.demo_process import finish, photos, start

pytestmark = pytest.mark.soak


def test_a_demo_killed_at_twelve_random_moments_leaves_one_whole_photo(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    rng = np.random.default_rng(2026)
    for round_ in range(4):
        for _ in range(3):
            demo = start(out)
            time.sleep(rng.uniform(1, 24))
            demo.send_signal(signal.SIGKILL)
            demo.communicate()
            if (out / "photo.jpg").exists():
                Image.open(io.BytesIO((out / "photo.jpg").read_bytes())).load()
        status, said = finish(start(out))
        assert status == 0, (round_, said)
        assert photos(out) == 1
        Image.open(out / "photo.jpg").load()

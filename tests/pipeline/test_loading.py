"""What loading the models does to the process."""

import ctypes
import subprocess
import sys

import pytest

from kiosk.pipeline.loading import LARGE

TRIAL = """
import numpy as np
from kiosk.evaluation.memory import resident_memory
from kiosk.pipeline.loading import LARGE, return_large_blocks

return_large_blocks()
for _ in range(2):  # by itself the library keeps blocks as large as it has freed before
    blocks = [np.ones(2 * LARGE, np.uint8) for _ in range(64)]
    held, kept = resident_memory(), blocks[-1]
    del blocks
    print(held - resident_memory())
    assert kept.all()
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt"), reason="only the GNU C library can be told"
)
def test_large_blocks_that_are_freed_go_back_to_the_system_at_once() -> None:
    """In a process of its own: what others allocate meanwhile is resident, too."""
    told = subprocess.run([sys.executable, "-c", TRIAL], check=True, capture_output=True, text=True)
    allocated = 64 * 2 * LARGE / 2**20
    assert all(float(line) > 0.9 * allocated for line in told.stdout.split())

"""What loading the models does to the process."""

import ctypes

import numpy as np
import pytest

from kiosk.evaluation.memory import resident_memory
from kiosk.pipeline.loading import LARGE, LoadedModels


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt"), reason="only the GNU C library can be told"
)
def test_large_blocks_that_are_freed_go_back_to_the_system_at_once(models: LoadedModels) -> None:
    assert models
    for _ in range(2):  # by itself the library keeps blocks as large as it has freed before
        blocks = [np.ones(2 * LARGE, np.uint8) for _ in range(64)]
        held, kept = resident_memory(), blocks[-1]
        del blocks
        assert resident_memory() < held - 100
        assert kept.all()

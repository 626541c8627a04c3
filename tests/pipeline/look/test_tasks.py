"""Where MediaPipe's library would end the process, the fault has words."""

import pytest

from kiosk.errors import ModelError
from kiosk.pipeline.look.tasks import ATOMICS, require_processor


def test_a_processor_without_atomic_instructions_is_a_fault_and_no_crash() -> None:
    with pytest.raises(ModelError, match="Raspberry Pi 5"):
        require_processor("aarch64", ~ATOMICS)
    require_processor("aarch64", ATOMICS)
    require_processor("x86_64", 0)

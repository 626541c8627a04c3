"""Where workers count together: a folder that the metrics' library must be told of before all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The library's own; it is read when the library is loaded."""


@contextmanager
def counting_together(workers: int) -> Iterator[None]:
    """Have the workers that are forked meanwhile count into one place; a single one needs none."""
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="registrar-metrics.") as folder:
        os.environ[VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[VARIABLE]

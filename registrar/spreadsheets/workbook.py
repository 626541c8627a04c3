"""A table in an Excel workbook (XLSX): read once, by a process that is bounded."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from registrar.errors import StoreError, UsageError
from registrar.spreadsheets import unpack
from registrar.spreadsheets.sheet import Numeric

DEADLINE = 120.0
"""Seconds by the clock; the processor's are bounded by `unpack.CPU_SECONDS`."""

_one_at_a_time = threading.Lock()
"""Of a process that serves: each may take `unpack.MEMORY`."""

_COMMAND = "from registrar.spreadsheets.unpack import main; main()"


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """The first sheet of a workbook that has anything in it; a `Sheet`."""

    name: str
    data: BinaryIO
    remarks: tuple[str, ...]
    unpacked: BinaryIO
    """Its rows, as `registrar.spreadsheets.unpack` writes them; a file without a name."""
    encoding: str = "UTF-8"

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not empty, with its number."""
        self.unpacked.seek(0)
        self.unpacked.readline()
        for line in self.unpacked:
            number, cells = json.loads(line)
            yield number, [cell if type(cell) is str else Numeric(cell) for cell in cells]


def open_workbook(name: str, data: BinaryIO) -> WorkbookSheet:
    """Read a workbook's first sheet that is not hidden or empty. Raises UsageError, StoreError."""
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115 - the sheet's, as long as it is used
    try:
        with tempfile.TemporaryFile() as packed:
            data.seek(0)
            shutil.copyfileobj(data, packed)
            packed.seek(0)
            with _one_at_a_time:
                _unpack(name, packed, unpacked)
    except OSError as error:
        unpacked.close()
        raise StoreError(
            f"{name}: cannot be unpacked ({error.strerror}); check the disk"
        ) from error
    except UsageError:
        unpacked.close()
        raise
    unpacked.seek(0)
    told = json.loads(unpacked.readline())
    remarks: tuple[str, ...] = ()
    if others := told["others"]:
        remarks = (f"only its sheet {told['sheet']} was read, not {', '.join(others)}",)
    return WorkbookSheet(name, data, remarks, unpacked)


def _unpack(name: str, packed: BinaryIO, unpacked: BinaryIO) -> None:
    """Have the rows written. Raises UsageError where the workbook is at fault."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _COMMAND],
            stdin=packed,
            stdout=unpacked,
            stderr=subprocess.PIPE,
            timeout=DEADLINE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"{name}: {_SLOW}") from error
    if done.returncode == 0:
        return
    if done.returncode == unpack.FAULT:
        raise UsageError(f"{name}: {done.stderr.decode(errors='replace').strip()}")
    raise UsageError(f"{name}: {_FAULTS.get(done.returncode, _LARGE)}")


_SLOW = f"is a workbook that takes more than {unpack.CPU_SECONDS} s to read; save it as “CSV UTF-8”"
_LARGE = (
    f"is a workbook that takes more than {unpack.MEMORY >> 20} MiB to read; delete what stands far"
    " from the table, or save it as “CSV UTF-8”"
)
_FAULTS = {-signal.SIGXCPU: _SLOW, -signal.SIGKILL: _SLOW}
"""By the exit status: the hard limit of the processor's time kills. Whatever else ends the parser
comes of its memory."""

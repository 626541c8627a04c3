"""Capture codes opened by an institution's decryptor, of which everything may go wrong."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from registrar import decrypt_child
from registrar.errors import RegistrarError

DEADLINE = 3.0
"""Seconds; a booth waits seven for the whole answer."""

_places = threading.Semaphore(4)
"""Of a process that serves: each may take `decrypt_child.MEMORY`."""

_COMMAND = "from registrar.decrypt_child import main; main()"


class DecryptorFault(RegistrarError):
    """A decryptor does not do what it is for; the words name it, and never a code."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"decryptor {name}: {what}")


class Opened(BaseModel):
    """Who a decryptor says that a code is of; names may be masked: 张*, 张*丰."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    institution_code: Annotated[str, Field(pattern=r"^[0-9]{5}$")]
    record_id: Annotated[str, Field(max_length=100)] = ""
    student_no: Annotated[str, Field(max_length=32)] = ""
    name: Annotated[str, Field(max_length=100)] = ""

    @model_validator(mode="after")
    def _names_somebody(self) -> "Opened":
        if not (self.record_id or self.student_no):
            raise ValueError("neither record_id nor student_no")
        return self


def decrypt(name: str, code: str, deadline: float = DEADLINE) -> Opened | None:
    """Open a capture code by the decryptor of a name; None where it says that it is no such code.

    Raises DecryptorFault where it is not installed, fails, takes longer than `deadline` seconds or
    than it may, or says what cannot be said of a code.
    """
    with _places, tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answer:
        asked.write(code.encode())
        asked.seek(0)
        running = subprocess.Popen(
            [sys.executable, "-B", "-c", _COMMAND, name],
            stdin=asked,
            stdout=answer,
            stderr=subprocess.DEVNULL,  # it may repeat the code
            start_new_session=True,
        )
        try:
            status = running.wait(deadline)
        except subprocess.TimeoutExpired as error:
            raise DecryptorFault(name, f"gave no answer within {deadline:g} s") from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)  # what it has begun goes with it
            running.wait()
        answer.seek(0)
        said = answer.read(decrypt_child.MOST_WRITTEN)
    if status == decrypt_child.NOT_INSTALLED:
        raise DecryptorFault(name, "is not installed beside the registrar")
    if status != 0:
        raise DecryptorFault(name, f"failed (exit status {status})")
    return _read(name, said)


def _read(name: str, said: bytes) -> Opened | None:
    try:
        found = json.loads(said)
        return None if found is None else Opened.model_validate(found)
    except (ValueError, RecursionError) as error:  # pydantic's is a ValueError
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "no JSON"
        raise DecryptorFault(name, f"answered what names no student ({why})") from error

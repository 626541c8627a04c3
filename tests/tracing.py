"""Programs under strace: no process that loads a model connects anywhere or looks up a name."""

import re
import shutil
from pathlib import Path

import pytest

SEES_FACES = re.compile(r'openat\(.*"[^"]+\.(?:task|tflite|onnx)"')
"""What a process does that loads a model."""

REACHES_OUT = re.compile(r"(?:connect|sendto|sendmsg)\(.*sa_family=AF_INET")
"""What a process does that asks another machine, or a name server."""

CAN_TRACE = shutil.which("strace") is not None

needs_strace = pytest.mark.skipif(not CAN_TRACE, reason="no strace here")


def traced(log: Path) -> list[str]:
    """What to put before a command so that its calls are written to a file."""
    calls = "openat,connect,sendto,sendmsg,clone,clone3,fork,vfork"
    return ["strace", "-f", "--seccomp-bpf", "-qq", "-o", str(log), "-e", f"trace={calls}"]


def check_trace(log: Path) -> None:
    """Fail where a process has loaded a model and reached out, or where none has loaded one."""
    seeing, reaching = find_doers(log.read_text(errors="replace"))
    assert seeing, "nothing has loaded a model: the trace shows nothing"
    assert not seeing & reaching


def find_doers(log: str) -> tuple[set[int], set[int]]:
    """The processes that load a model, and those that reach out, of a trace by threads."""
    begun: dict[int, str] = {}
    """Each thread's call that is not finished yet."""
    of_process: dict[int, int] = {}
    """Each thread that another has started, and that other."""
    seeing, reaching = set(), set()
    for line in log.splitlines():
        number, _, call = line.partition(" ")
        thread = int(number)
        if call.endswith("<unfinished ...>"):
            begun[thread] = call
        elif "resumed>" in call:
            call = begun.pop(thread, "") + call
        if "CLONE_THREAD" in call and (born := re.search(r" = (\d+)$", call)):
            of_process[int(born[1])] = thread
        if SEES_FACES.search(call):
            seeing.add(thread)
        if REACHES_OUT.search(call):
            reaching.add(thread)

    def process(thread: int) -> int:
        while thread in of_process:
            thread = of_process[thread]
        return thread

    return {process(thread) for thread in seeing}, {process(thread) for thread in reaching}

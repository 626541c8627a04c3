"""The protocol is a leaf: it loads neither booth nor registrar, and a student next to nothing."""

import pkgutil
import subprocess
import sys

import protocol


def loaded_by(*modules: str) -> set[str]:
    """Import modules in a fresh interpreter, and name all that this has loaded."""
    code = (
        "import sys; before = set(sys.modules)\n"
        f"import {', '.join(modules)}\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_protocol_loads_nothing_of_booth_or_registrar() -> None:
    modules = [f"protocol.{found.name}" for found in pkgutil.iter_modules(protocol.__path__)]
    loaded = {name.split(".")[0] for name in loaded_by(*modules)}
    assert not loaded & {"durable", "kiosk", "registrar", "sqlite3", "requests", "numpy"}


def test_a_student_loads_nothing_but_dataclasses() -> None:
    of_student = loaded_by("protocol.student") - loaded_by("dataclasses")
    assert of_student == {"protocol", "protocol.student"}

"""A registrar full of rendered students, and a browser before it."""

import os
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from registrar.serve import Server
from tests.chromium import BROWSER, DRIVER, Chromium

ROOT = Path(__file__).parents[2]
AXE = ROOT / ".cache" / "axe" / "package" / "axe.min.js"
"""`make test-desk` puts it there."""

PHOTOS = 36


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser's tests out where there is none."""
    if BROWSER is None or DRIVER is None:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="wants chromium and chromium-driver"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    demo = runpy.run_path(str(ROOT / "tools" / "registrar_demo.py"))
    with Server(tmp_path_factory.mktemp("desk") / "registrar") as serving:
        demo["fill"](serving.store, serving.keys, PHOTOS)
        yield serving


@pytest.fixture(scope="module")
def address(server: Server) -> str:
    """The registrar by a name, without the last slash: passkeys want one."""
    return server.url.replace("127.0.0.1", "localhost").rstrip("/")


@pytest.fixture(scope="module")
def window() -> Iterator[Chromium]:
    with Chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        pytest.skip("wants axe: make test-desk")
    return AXE.read_text("utf-8")


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the pages go: to be looked at, if `DESK_SHOTS` names a folder."""
    folder = os.environ.get("DESK_SHOTS")
    path = Path(folder) if folder else tmp_path_factory.mktemp("shots")
    path.mkdir(parents=True, exist_ok=True)
    return path

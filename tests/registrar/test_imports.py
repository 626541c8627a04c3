"""What importing the registrar loads: nothing of the booth, and for --help next to nothing."""

import ast
import pkgutil
from pathlib import Path

import registrar
from tests.protocol.test_leaf import loaded_by

ALEMBICS = "registrar.storage.migrations."
"""Only Alembic can load them, while it migrates."""


def test_the_registrar_imports_nothing_of_the_kiosk(root: Path) -> None:
    imported = set()
    for path in (root / "registrar").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
    assert not {name for name in imported if name.split(".")[0] == "kiosk"}


def test_no_module_of_the_registrar_loads_the_kiosk() -> None:
    found = pkgutil.walk_packages(registrar.__path__, "registrar.")
    names = [module.name for module in found if not module.name.startswith(ALEMBICS)]
    loaded = {name.split(".")[0] for name in loaded_by(*names)}
    assert "registrar" in loaded
    assert "kiosk" not in loaded


def test_the_parser_is_built_without_server_database_and_protocol() -> None:
    loaded = {name.split(".")[0] for name in loaded_by("registrar.cli")}
    assert not loaded & {"fastapi", "nacl", "PIL", "protocol", "pydantic", "rich", "uvicorn"}
    assert not loaded & {"sqlite3", "sqlalchemy", "boto3", "jinja2"}

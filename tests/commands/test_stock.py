"""`kiosk stock`, as staff type it."""

import json
from pathlib import Path

import pytest

from kiosk.commands.main import main

Out = pytest.CaptureFixture[str]


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "kiosk.toml"
    path.write_text(
        f'[sync]\noutbox = "{tmp_path / "outbox.sqlite"}"\n'
        '[stock.combs]\nunit = "comb"\nleast = 5\n[stock.wipes]\nleast = 20\n'
    )
    return str(path)


def stock(config: str, *typed: str) -> int:
    return main(["--config", config, "stock", *typed])


def test_what_is_low_is_told_with_what_to_do_and_fails(config: str, capsys: Out) -> None:
    assert stock(config) == 0
    assert stock(config, "restock", "wipes", "19", "--by", "Li") == 1
    told = capsys.readouterr()
    assert "LOW" in told.out
    assert "kiosk stock restock wipes AMOUNT --by NAME" in told.err
    assert stock(config, "restock", "wipes", "1", "--by", "Li") == 0


def test_programs_are_told_each_item_and_the_history(config: str, capsys: Out) -> None:
    stock(config, "set", "combs", "7", "--by", "王")
    capsys.readouterr()
    assert stock(config, "--json") == 0
    rows = {row["item"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert set(rows) == {"wipes", "mirrors", "lens_cloths", "paper", "combs"}
    assert (rows["combs"]["amount"], rows["combs"]["noted_by"]) == (7, "王")
    assert (rows["wipes"]["unit"], rows["wipes"]["bound"]) == ("wipe", 20)
    assert stock(config, "--json", "history") == 0
    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (row["item"], row["what"], row["amount"], row["by"]) == ("combs", "set", 7, "王")


@pytest.mark.parametrize("wrong", ["towels 3", "wipes -1", "wipes nan", "wipes many"])
def test_what_cannot_be_noted_is_wrong_use(config: str, capsys: Out, wrong: str) -> None:
    try:
        status = stock(config, "restock", *wrong.split(), "--by", "Li")
    except SystemExit as error:
        status = int(error.code or 0)
    assert status == 2
    assert "Traceback" not in capsys.readouterr().err

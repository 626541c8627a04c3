"""The list of benches, and what they all share."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from kiosk import evaluation
from kiosk.commands.main import main
from kiosk.config import Config, ModelSettings
from kiosk.errors import UsageError
from kiosk.evaluation import BENCHES, portraits
from kiosk.evaluation.rows import Row


@pytest.mark.parametrize("name", BENCHES)
def test_each_bench_is_a_module_of_its_name_that_measures(name: str) -> None:
    measure = import_module(f"kiosk.evaluation.{name.replace('-', '_')}").measure
    own = [option for option, bench in evaluation.OPTIONS.items() if bench == name]
    assert list(inspect.signature(measure).parameters) == ["config", "quick", *own]


def test_a_module_that_measures_is_in_the_list() -> None:
    folder = Path(str(evaluation.__file__)).parent
    measuring = {
        path.stem.replace("_", "-")
        for path in folder.glob("*.py")
        if "\ndef measure(" in path.read_text()
    }
    assert measuring == set(BENCHES)


def test_a_goal_is_reached_up_to_the_last_digit() -> None:
    assert Row.at_most("x", "y", 25.0, "ms", 25).ok
    assert not Row.at_most("x", "y", 25.1, "ms", 25).ok
    assert Row.at_least("x", "y", 40.0, "dB", 40).ok
    assert not Row.at_least("x", "y", float("nan"), "dB", 40).ok


def test_portraits_are_found_beside_the_checkout_or_where_they_are_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIOSK_PORTRAITS", raising=False)
    monkeypatch.setattr(portraits, "BESIDE_CHECKOUT", tmp_path / "beside")
    assert portraits.portraits_folder() is None
    row = portraits.missing_portraits("accuracy")
    assert str(tmp_path / "beside") in row.row
    assert "KIOSK_PORTRAITS" in row.row
    for folder in (tmp_path / "beside", tmp_path / "named"):
        folder.mkdir()
        (folder / "labels.csv").write_text("file,set\n")
    assert portraits.portraits_folder() == tmp_path / "beside"
    monkeypatch.setenv("KIOSK_PORTRAITS", str(tmp_path / "named"))
    assert portraits.portraits_folder() == tmp_path / "named"
    monkeypatch.setenv("KIOSK_PORTRAITS", str(tmp_path))
    with pytest.raises(UsageError, match=r"labels\.csv"):
        portraits.portraits_folder()


@pytest.mark.parametrize("visits", ["4", "0", "-1", "many", "９", "9" * 5000])
def test_a_soak_is_of_as_many_visits_as_tell_something(
    visits: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bench", "soak", "--visits", visits])
    assert ended.value.code == 2
    assert "is no number from 5 to 100000" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "bench"),
    [("visits", "9", "soak"), ("seeds", "2", "visits"), ("people", "lin", "visits")],
)
def test_an_option_of_one_bench_is_refused_to_all_others(
    option: str, value: str, bench: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "codes", f"--{option}", value]) == 2
    assert f"--{option}: only {bench} takes it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("seeds", "0", "0 is no number from 1 to 100"),
        ("people", "nobody", "no subject nobody: there are"),
        ("temperaments", "sleepy", "no temperament sleepy: there are"),
    ],
)
def test_visits_are_played_by_whom_there_is(
    option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(main(["bench", "visits", f"--{option}", value]))
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.soak
def test_a_booth_holds_no_more_after_a_visit_than_before(models_store: Path) -> None:
    config = Config(models=ModelSettings(store=models_store))
    rows = {row.row: row for row in evaluation.run("soak", config, quick=False)}
    assert [name for name, row in rows.items() if row.ok is False] == []
    assert rows["photos sealed"].value == 8
    assert rows["threads after visit 8"].value == rows["threads after visit 4"].value

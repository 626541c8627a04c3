"""The booth's report: staff see at the registrar how each booth stands, and nothing of people."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.commands.main import main as kiosk
from kiosk.config import Config
from kiosk.sync.errors import NotEnrolled, Unreachable
from kiosk.sync.keys import verify_key_text
from kiosk.sync.report import describe_booth
from kiosk.upkeep.stock import Stock, stock_path
from kiosk.upkeep.told_state import ToldState, since_boot, tell_state
from protocol.report import BoothReport
from registrar.cli import main as registrar
from registrar.serve import Server
from tests.town import BOOTH, Town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with Server(folder / "registrar") as server:
        yield Town(server, folder / "booth", students=2)


@pytest.fixture
def config(town: Town) -> Config:
    return Config.model_validate({"sync": {"outbox": str(town.folder / "outbox.sqlite")}})


def told(pid: int = 1, **changes: object) -> ToldState:
    usual = ToldState("0.1.0", pid, 0.0, since_boot(), since_boot(), "idle")
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_a_report_is_kept_and_listed(
    town: Town, config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town.put(2)
    stock = Stock(stock_path(config.sync.outbox), config.stock)
    stock.restock("wipes", 60, "Li Xiaoming")
    stock.count(31, {"fill": 7200.0})
    state = tmp_path / "state.json"
    tell_state(state, told(faults=("reader",), stopped_by="reader"))
    report = describe_booth(config, town.outbox, state)
    assert town.client().report(report)
    assert "Li" not in report.model_dump_json()
    (_, kept) = town.store.booths.reports()[BOOTH]
    assert kept == report
    assert (kept.doing, kept.faults, kept.waiting, kept.visits) == ("stopped", ("reader",), 2, 31)
    assert kept.low == ("wipes",)
    assert kept.supplies["lamp.fill"].amount == 2
    registrar(["booth", "list", "--data", str(town.store.folder)])
    listed = capsys.readouterr().out
    assert re.search(rf"{BOOTH}\t.*; stopped; fault: reader; low: wipes; 2 waiting", listed)


def test_each_sync_tells_how_the_booth_stands(town: Town, tmp_path: Path) -> None:
    path = town.folder / "kiosk.toml"
    path.write_text(f"""
[sync]
registrar = "{town.server.url}"
booth_id = "{BOOTH}"
signing_key_file = "signing.key"
registrar_public_key = "{town.enrolment.registrar_public_key}"
registrar_verify_key = "{verify_key_text(town.server.keys.signing_key.verify_key)}"
outbox = "{tmp_path / "outbox.sqlite"}"
roster = "{tmp_path / "roster.extract"}"
""")
    before = datetime.now(UTC)
    assert kiosk(["--config", str(path), "sync"]) == 0
    received_at, report = town.store.booths.reports()[BOOTH]
    assert received_at >= before
    assert (report.waiting, report.set_aside) == (0, 0)


def test_a_booth_that_does_not_run_or_tells_nothing_is_told_so(
    town: Town, config: Config, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    assert describe_booth(config, None, state).doing == "off"
    tell_state(state, told(pid=2**22 + 1, faults=("camera",), at=since_boot() - 60))
    gone = describe_booth(Config.model_validate({"sync": {"outbox": str(state)}}), None, state)
    assert (gone.doing, gone.faults, gone.waiting, gone.visits) == ("off", (), None, None)
    tell_state(state, told(at=since_boot() - 60))
    assert describe_booth(config, None, state).doing == "stuck"


def test_a_newer_booth_may_say_more_than_the_registrar_knows(town: Town, config: Config) -> None:
    report = describe_booth(config, town.outbox)
    newer = json.loads(report.model_dump_json()) | {"humidity": 40}
    assert BoothReport.model_validate_json(json.dumps(newer)) == report


def test_only_an_enrolled_booth_reports(town: Town, config: Config) -> None:
    with pytest.raises(NotEnrolled):
        town.client(booth_id="booth-2").report(describe_booth(config, None))
    assert "booth-2" not in town.store.booths.reports()


def test_an_older_registrar_that_knows_no_reports_is_no_fault(
    town: Town, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.sync.client.PREFIX", "/v1/older")
    assert not town.client().report(describe_booth(config, None))
    with pytest.raises(Unreachable):
        town.client("http://127.0.0.1:9").report(describe_booth(config, None))

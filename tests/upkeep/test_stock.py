"""The stock: what visits use up counts down, lamps count up, and nothing of it stops a booth."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.errors import UsageError
from kiosk.upkeep.spare_parts import CONSUMABLES
from kiosk.upkeep.stock import USUAL_ITEMS, Stock, StockError, Supply, UsualItem
from kiosk.upkeep.stock_counter import StockCounter

ITEMS = {"wipes": UsualItem("wipe", 1, 50), "mirrors": UsualItem("mirror", 0.25, 2)}


@pytest.fixture
def stock(tmp_path: Path) -> Stock:
    return Stock(tmp_path / "stock.sqlite", ITEMS, lamp_life=100)


def named(stock: Stock) -> dict[str, Supply]:
    return {supply.name: supply for supply in stock.supplies()}


def wait_until(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.002)


def test_what_is_counted_is_what_staff_can_order() -> None:
    assert {name.replace("_", " ") for name in USUAL_ITEMS} == set(CONSUMABLES)


def test_nothing_is_low_that_nobody_ever_brought(stock: Stock) -> None:
    stock.count(1000, {})
    assert [(each.amount, each.is_low) for each in stock.supplies()] == [(None, False)] * 2


def test_visits_take_what_was_brought_and_no_more(stock: Stock) -> None:
    stock.restock("wipes", 60, "Li")
    stock.restock("mirrors", 3, "Li")
    stock.count(4, {})
    assert (named(stock)["wipes"].amount, named(stock)["mirrors"].amount) == (56, 2)
    assert not any(each.is_low for each in stock.supplies())
    stock.count(7, {})
    assert {name for name, each in named(stock).items() if each.is_low} == {"wipes", "mirrors"}
    stock.count(100, {})
    assert named(stock)["wipes"].amount == 0
    stock.restock("wipes", 100, "Wang")
    assert (named(stock)["wipes"].amount, named(stock)["wipes"].changed_by) == (100, "Wang")
    assert stock.visits() == 111


def test_a_lamp_counts_up_until_it_is_exchanged(stock: Stock) -> None:
    stock.count(0, {"fill": 3600.0 * 80})
    assert (named(stock)["lamp.fill"].amount, named(stock)["lamp.fill"].is_low) == (80, False)
    stock.count(0, {"fill": 3600.0 * 10})
    assert named(stock)["lamp.fill"].is_low
    stock.set("lamp.fill", 0, "Li")
    assert (named(stock)["lamp.fill"].amount, named(stock)["lamp.fill"].is_low) == (0, False)


def test_who_noted_what_and_when_is_kept(stock: Stock) -> None:
    stock.restock("wipes", 100, "Li")
    stock.set("wipes", 95, "王")
    assert [(c.name, c.what, c.amount, c.by) for c in stock.changes()] == [
        ("wipes", "restocked", 100, "Li"),
        ("wipes", "set", 95, "王"),
    ]


@pytest.mark.parametrize("name", ["towels", "lamp.moon"])
def test_what_is_not_counted_is_refused_with_what_is(stock: Stock, name: str) -> None:
    with pytest.raises(UsageError, match="there are"):
        stock.set(name, 1, "Li")
    assert stock.changes() == []


def _count_in_another_process(path: Path) -> None:
    for _ in range(25):
        Stock(path, ITEMS).count(1, {"fill": 1.0})


def test_booth_and_command_count_at_once_and_lose_nothing(stock: Stock, tmp_path: Path) -> None:
    stock.restock("wipes", 1000, "Li")
    context = multiprocessing.get_context("fork")
    other = context.Process(target=_count_in_another_process, args=(tmp_path / "stock.sqlite",))
    other.start()
    for _ in range(25):
        stock.restock("wipes", 1, "Li")
    other.join()
    assert other.exitcode == 0
    assert named(stock)["wipes"].amount == 1000
    assert stock.visits() == 25


@pytest.mark.parametrize("damage", [b"no database" * 200, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_moved_aside_and_told_and_counting_goes_on(
    tmp_path: Path, damage: bytes
) -> None:
    path = tmp_path / "stock.sqlite"
    path.write_bytes(damage)
    told: list[str] = []
    stock = Stock(path, ITEMS, on_loss=told.append)
    stock.count(3, {"fill": 1.0})
    (aside,) = tmp_path.glob("stock.sqlite.damaged-*")
    assert aside.read_bytes() == damage
    assert [str(aside) in said for said in told] == [True]
    loss = stock.find_loss()
    assert loss is not None
    assert loss.name == str(aside)
    assert stock.visits() == 3
    stock.set("wipes", 10, "Li")
    assert stock.find_loss() is None


def test_a_file_that_cannot_be_written_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "stock.sqlite").mkdir()
    with pytest.raises(StockError, match=r"stock\.sqlite: the stock cannot be counted"):
        Stock(tmp_path / "stock.sqlite", ITEMS).count(1, {})


# ---- while the booth runs ----


class Lamps:
    def __init__(self, **levels: float) -> None:
        self.levels = levels


def test_lamps_burn_by_their_levels_over_time(stock: Stock) -> None:
    counter, lamps = StockCounter(stock), Lamps(fill=0.5)
    counter.follow(lamps, at=100.0)
    lamps.levels = {"fill": 1.0}
    counter.follow(lamps, at=100.5)  # too soon to look
    counter.follow(lamps, at=102.0)
    counter.follow(lamps, at=105.0)
    counter.close()
    assert named(stock)["lamp.fill"].amount == pytest.approx((0.5 * 2 + 1.0 * 3) / 3600)


def test_a_visit_is_written_soon_after_it_ended(stock: Stock) -> None:
    stock.restock("wipes", 10, "Li")
    counter = StockCounter(stock)
    counter.visit_ended()
    wait_until(lambda: stock.visits() == 1)
    counter.close()
    assert named(stock)["wipes"].amount == 9


class StuckStock(Stock):
    """On a disk that hangs until it is let go."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, ITEMS)
        self.let_go = threading.Event()
        self.fails = True

    def count(self, visits: int, lamp_seconds: object) -> None:
        self.let_go.wait()
        if self.fails:
            raise StockError("full")
        super().count(visits, {})


def test_a_disk_that_hangs_or_is_full_holds_up_nobody_and_loses_no_visit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stock = StuckStock(tmp_path / "stock.sqlite")
    counter = StockCounter(stock, write_every=0.01)
    for _ in range(5):
        counter.visit_ended()  # returns, though nothing can be written
    stock.let_go.set()
    wait_until(lambda: "full" in caplog.text)
    stock.fails = False
    wait_until(lambda: stock.visits() == 5)
    counter.close()
    assert caplog.text.count("full") == 1

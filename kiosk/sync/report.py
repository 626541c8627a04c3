"""What a booth reports of itself to the registrar after each sync."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from kiosk import installed_version
from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.sync.outbox import Outbox, OutboxCounts
from kiosk.upkeep.stock import Stock, Supply, stock_path
from kiosk.upkeep.told_state import STALE, find_life, place_to_ask, read_told_state, since_boot
from protocol.report import BoothReport, SupplyReport

log = logging.getLogger(__name__)


def describe_booth(config: Config, outbox: Outbox | None, state: Path | None = None) -> BoothReport:
    """Describe the booth as it stands now; `state` is where it tells its own, None as installed.

    What cannot be read is left out, and told in the log.
    """
    told = read_told_state(state or place_to_ask())
    life = "gone" if told is None else find_life(told, since_boot())
    # That it lives may be hidden from another unit, and what it tells is not.
    fresh = told is not None and 0 <= since_boot() - told.at <= STALE
    running = told is not None and (life == "running" or fresh)
    counts = _count(outbox)
    visits, supplies = _read_stock(config)
    return BoothReport(
        at=datetime.now(UTC),
        version=installed_version(),
        doing=told.doing if told is not None and running else "stuck" if life == "stuck" else "off",
        faults=told.faults if told is not None and running else (),
        waiting=None if counts is None else counts.pending,
        refused=None if counts is None else counts.refused,
        set_aside=None if counts is None else counts.set_aside,
        visits=visits,
        supplies=supplies,
    )


def _count(outbox: Outbox | None) -> OutboxCounts | None:
    try:
        return None if outbox is None else outbox.counts()
    except KioskError as error:
        log.warning("report: %s", error)
        return None


def _read_stock(config: Config) -> tuple[int | None, dict[str, SupplyReport]]:
    path = stock_path(config.sync.outbox)
    stock = Stock(path, config.stock, config.lamps.life, on_loss=log.error)
    try:
        if not path.exists():
            return None, {}
        return stock.visits(), {each.name: _report(each) for each in stock.supplies()}
    except (KioskError, OSError) as error:
        log.warning("report: %s", error)
        return None, {}


def _report(supply: Supply) -> SupplyReport:
    amount = None if supply.amount is None else round(supply.amount, 1)
    return SupplyReport(
        unit=supply.unit, amount=amount, bound=float(supply.bound), is_low=supply.is_low
    )

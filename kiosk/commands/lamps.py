"""`kiosk lamps`: say how the lamps are, light them for who stands before them, put them out."""

import argparse
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_remark, print_table
from kiosk.errors import KioskError, UsageError

if TYPE_CHECKING:
    from kiosk.config import LampSettings, Loaded
    from kiosk.health import Site
    from kiosk.lighting.lamps import Lamps
    from kiosk.upkeep.calibration import Calibration

HELP = "say how the lamps are, light them one by one, or put them out"

MORE = """\
set and sweep need a booth that does not run:

  sudo kiosk maintenance on && sudo systemctl stop kiosk
  sudo kiosk lamps sweep
  sudo systemctl start kiosk && sudo kiosk maintenance off

Left and right are the picture's: key_left is on the right hand of who sits before the camera. Exit
status: 0, 1 where a lamp cannot be reached, 2 for wrong use."""

STEPS = (0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25, 0.0)
"""The levels that a sweep takes a lamp through."""

STEP = 0.5
"""Seconds for which a sweep holds each, unless it is told another time."""

LONGEST = 86_400.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = MORE
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    show = actions.add_parser(
        "show",
        help="each lamp's pin, limit, level, hours and calibrated light",
        description="Say how each lamp is configured, driven, worn and calibrated; opens none.",
    )
    add_json(show)
    set_ = actions.add_parser(
        "set",
        help="hold lamps at levels, and then put them out",
        description="Fade lamps to levels from 0 to 1, the others to dark; hold them there until"
        " Ctrl-C, or for a time; then put them out.",
    )
    set_.add_argument(
        "levels", nargs="+", type=_level, metavar="LAMP=LEVEL", help="as key_left=0.5"
    )
    set_.add_argument(
        "--for", dest="seconds", type=_seconds, metavar="SECONDS", help="how long to hold them"
    )
    sweep = actions.add_parser(
        "sweep",
        help="light one lamp after the other, up its steps and down, saying which",
        description="Light one lamp after the other, up its steps and down, and say which it is:"
        " stand before the booth, and see whether it is that one.",
    )
    sweep.add_argument("lamps", nargs="*", metavar="LAMP", help="left out: all of them")
    sweep.add_argument(
        "--step", type=_seconds, default=STEP, metavar="SECONDS", help="how long each step is held"
    )
    actions.add_parser(
        "off",
        help="put them out, where a booth that ended left them lit",
        description="Put every lamp out, whatever lit it.",
    )


def _level(text: str) -> tuple[str, float]:
    name, _, level = text.partition("=")
    with suppress(ValueError):
        if name and 0 <= float(level) <= 1:  # which no NaN is
            return name, float(level)
    raise argparse.ArgumentTypeError(
        f"{text} is no lamp's level: give a name and a number from 0 to 1, as key_left=0.5"
    )


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 <= float(text) <= LONGEST:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text} is no number of seconds from 0 to {LONGEST:.0f}")


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Do as the action says."""
    if args.action == "off":
        return _put_out(loaded)
    if args.action == "show":
        return _show(loaded, json_lines=args.json)
    if args.action == "set":
        levels = dict[str, float](args.levels)
        if len(levels) < len(args.levels):
            raise UsageError("one level a lamp: one of them is named twice")
        _require(levels, loaded.config.lamps)
        with _open(loaded) as (lamps, site):
            return _set(lamps, site, levels, args.seconds)
    _require(args.lamps, loaded.config.lamps)
    with _open(loaded) as (lamps, site):
        return _sweep(lamps, site, args.lamps or [*loaded.config.lamps.pins], args.step)


# ---- off ----


def _put_out(loaded: "Loaded") -> int:
    """Claim the lamps, which makes them dark, and let them go, which leaves them so.

    The unit does this after the booth, however it ended: hardware PWM and a PCA9685 keep their
    level when the process that set it is killed.
    """
    if loaded.config.camera.kind == "twin":
        return 0  # simulated lamps are lit by nobody but their booth

    from kiosk.lighting.lamps import Lamps

    with Lamps.open(loaded.config.lamps) as lamps:
        return FAILED if lamps.missing else 0


# ---- show ----


def _show(loaded: "Loaded", *, json_lines: bool) -> int:
    from kiosk.health import look_around

    site = look_around(loaded.config, thorough=False)
    rows = list(_describe(site))
    if json_lines:
        for row in rows:
            print_json(row)
        return 0
    if not rows:
        print_remark("kiosk: no lamps are configured")
        return 0
    columns = ("lamp", "pin", "Hz", "limit", "level", "hours", "light", "calibrated", "")
    print_table(columns, (_as_row(row) for row in rows))
    return 0


def _describe(site: "Site") -> Iterator[dict[str, object]]:
    """What `show` tells of each lamp: None where nobody knows."""
    settings, told = site.config.lamps, site.running
    hours, calibration = _read_hours(site), _read_calibration(site)
    today = datetime.fromtimestamp(site.now.wall, UTC)
    for name, pin in settings.pins.items() if settings.driver != "none" else ():
        missing = told is not None and name in told.lamps_missing
        level = None if told is None else told.lamps.get(name)
        yield {
            "lamp": name,
            "driver": settings.driver,
            "pin": pin,
            "frequency": settings.frequencies.get(name, settings.frequency),
            "limit": settings.limits.get(name, 1.0),
            "level": level,
            "missing": missing,
            "hours": hours.get(name),
            "effect": None if calibration is None else calibration.effects.get(name),
            "calibrated_at": None if calibration is None else calibration.at.isoformat(),
            "days_since": None if calibration is None else (today - calibration.at).days,
        }


def _as_row(row: Mapping[str, object]) -> tuple[str, ...]:
    level = "" if row["level"] is None else f"{row['level']:.0%}"
    effect = "" if row["effect"] is None else f"{row['effect']:.3f}"
    days = "never" if row["days_since"] is None else f"{row['days_since']} days ago"
    return (
        str(row["lamp"]),
        str(row["pin"]),
        str(row["frequency"]),
        f"{row['limit']:.0%}",
        level,
        "" if row["hours"] is None else f"{row['hours']:.0f}",
        effect,
        days,
        "not there" if row["missing"] else "",
    )


def _read_hours(site: "Site") -> Mapping[str, float | None]:
    from kiosk.upkeep.stock import LAMP, Stock, stock_path

    path = stock_path(site.config.sync.outbox)
    if not path.exists():
        return {}
    try:
        supplies = Stock(path, site.config.stock, site.config.lamps.life).supplies()
    except KioskError as error:
        print_remark(f"kiosk: {error}")
        return {}
    return {each.name.removeprefix(LAMP): each.amount for each in supplies if each.is_lamp}


def _read_calibration(site: "Site") -> "Calibration | None":
    from kiosk.upkeep.calibration import calibration_path, read_calibration

    try:
        return read_calibration(calibration_path(site.config.sync.outbox))
    except KioskError as error:
        print_remark(f"kiosk: {error}")
        return None


# ---- set, sweep ----


@contextmanager
def _open(loaded: "Loaded") -> "Iterator[tuple[Lamps, Site]]":
    """The lamps, of a booth that does not run. A terminal that is closed puts them out, too."""
    from kiosk.health import look_around
    from kiosk.health.calibrating import STOPPED

    site = look_around(loaded.config, thorough=True)
    if site.at_work:
        raise UsageError(
            f"the booth runs, and has the lamps to itself; first: {STOPPED}; afterwards: sudo"
            " systemctl start kiosk && sudo kiosk maintenance off"
        )
    endings = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
    before = [signal.signal(ending, _interrupt) for ending in endings]
    try:
        with site.open_lamps() as lamps:
            try:
                yield lamps, site
            finally:
                _fade_to(dict.fromkeys(lamps.levels, 0.0), lamps, site)
    finally:
        for ending, handler in zip(endings, before, strict=True):
            signal.signal(ending, handler)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _fade_to(levels: Mapping[str, float], lamps: "Lamps", site: "Site") -> None:
    from kiosk.booth.lamp_trial import wait_for_lamps

    lamps.set(levels)
    wait_for_lamps(lamps, site.clock, site.sleep)


def _set(lamps: "Lamps", site: "Site", levels: Mapping[str, float], seconds: float | None) -> int:
    lamps.set(levels)
    held = {name: level for name, level in lamps.levels.items() if name in levels}
    for name in held:
        if held[name] < levels[name]:
            print_remark(f"kiosk: {name} goes up to its limit, {held[name]:.0%}")
    if held:
        told = ", ".join(f"{name} {level:.0%}" for name, level in held.items())
        print(f"{told}, {'until Ctrl-C' if seconds is None else f'for {seconds:g} s'}", flush=True)
        with suppress(KeyboardInterrupt):
            site.sleep(LONGEST if seconds is None else seconds)
    return FAILED if levels.keys() - held.keys() else 0


def _sweep(lamps: "Lamps", site: "Site", names: Sequence[str], seconds: float) -> int:
    for name in names:
        if name not in lamps.levels:
            continue  # of which the log has told
        for level in STEPS:
            _fade_to({name: level}, lamps, site)
            print(f"{name} {lamps.levels[name]:.0%}", flush=True)
            site.sleep(seconds)
    return FAILED if set(names) & lamps.missing else 0


def _require(names: Iterable[str], settings: "LampSettings") -> None:
    from kiosk.config.choice import refusal

    if settings.driver == "none":
        raise UsageError('there are no lamps: lamps.driver is "none"')
    for name in names:
        if name not in settings.pins:
            raise UsageError(f"no lamp: {refusal(name, settings.pins)}")

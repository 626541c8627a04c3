"""`kiosk stock`: say what is left of what the booth uses up, and note what was brought."""

import argparse
import math
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_remark, print_table

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.upkeep.stock import Change, Stock, Supply

HELP = "say what is left of wipes, paper, lamp hours …, and note what was brought"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.description = (
        "Say what is left of what visits use up (wipes, mirrors, lens_cloths, paper; [stock] in the"
        " configuration), and how many hours at full level each lamp has burnt. Fails where"
        " something is below its least, or a lamp near the end of its life."
    )
    add_json(parser)
    actions = parser.add_subparsers(metavar="ACTION", dest="action")
    restock = actions.add_parser("restock", help="note that some were brought", description=KEPT)
    set_ = actions.add_parser(
        "set",
        help="note how many there are; of a lamp (lamp.NAME) its hours, 0 for a new one",
        description=KEPT,
    )
    for action in (restock, set_):
        action.add_argument("item", metavar="ITEM", help="as `kiosk stock` lists it")
        action.add_argument("amount", type=_amount, metavar="AMOUNT", help="a number from 0")
        action.add_argument("--by", required=True, metavar="NAME", help="who did so")
    actions.add_parser("history", help="list what staff noted", description=KEPT)


KEPT = "The history keeps who has noted what, and when; it does not leave the booth."


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not 0 <= amount <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text} is no number from 0 to 1000000")
    return amount


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Note what is told, and print how the stock stands; fails where something is low."""
    from kiosk.upkeep.stock import Stock, stock_path

    config = loaded.config
    stock = Stock(
        stock_path(config.sync.outbox),
        config.stock,
        config.lamps.life,
        on_loss=lambda says: print_remark(f"kiosk: {says}"),
    )
    if args.action == "history":
        _print_history(stock.changes(), json_lines=args.json)
        return 0
    if args.action is not None:
        note = stock.restock if args.action == "restock" else stock.set
        note(args.item, args.amount, args.by)
    return _print_supplies(stock, json_lines=args.json)


def _print_supplies(stock: "Stock", *, json_lines: bool) -> int:
    supplies, loss = stock.supplies(), stock.find_loss()
    if json_lines:
        for each in supplies:
            print_json(_as_json(each))
    else:
        columns = ("item", "amount", "", "bound", "", "noted", "by")
        print_table(columns, (_row(each) for each in supplies))
        print(f"{stock.visits()} visits counted")
    if loss is not None:
        print_remark(
            f"kiosk: what was counted before {loss.at.astimezone():%Y-%m-%d %H:%M} is lost: the"
            f" file was damaged, and lies in {loss.name}; count what is there, and note it: kiosk"
            " stock set ITEM AMOUNT --by NAME"
        )
    for each in supplies:
        if each.is_low:
            print_remark(f"kiosk: {_say_low(each)}")
    return FAILED if loss is not None or any(each.is_low for each in supplies) else 0


def _as_json(supply: "Supply") -> dict[str, object]:
    return {
        "item": supply.name,
        "unit": supply.unit,
        "amount": None if supply.amount is None else round(supply.amount, 2),
        "bound": supply.bound,
        "low": supply.is_low,
        "noted_at": None if supply.changed_at is None else supply.changed_at.isoformat(),
        "noted_by": supply.changed_by,
    }


def _row(supply: "Supply") -> tuple[str, ...]:
    amount = "not counted" if supply.amount is None else f"{supply.amount:.0f}"
    bound = f"{'life' if supply.is_lamp else 'least'} {supply.bound:g}"
    at = supply.changed_at
    when = "" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M}"
    return (
        supply.name,
        amount,
        "" if supply.amount is None else supply.unit + ("" if supply.amount == 1 else "s"),
        bound,
        "LOW" if supply.is_low else "",
        when,
        supply.changed_by,
    )


def _say_low(supply: "Supply") -> str:
    if supply.is_lamp:
        return (
            f"{supply.name}: has burnt {supply.amount:.0f} of its {supply.bound:.0f} hours;"
            " exchange it, run kiosk calibrate, and then:"
            f" kiosk stock set {supply.name} 0 --by NAME"
        )
    return (
        f"{supply.name}: {supply.amount:.0f} left, and {supply.bound:g} at least should be; bring"
        f" more, and then: kiosk stock restock {supply.name} AMOUNT --by NAME"
    )


def _print_history(changes: "list[Change]", *, json_lines: bool) -> None:
    if json_lines:
        for each in changes:
            print_json(
                {
                    "at": each.at.isoformat(),
                    "item": each.name,
                    "what": each.what,
                    "amount": each.amount,
                    "by": each.by,
                }
            )
    else:
        print_table(
            ("when", "item", "what", "amount", "by"),
            (
                (f"{c.at.astimezone():%Y-%m-%d %H:%M}", c.name, c.what, f"{c.amount:g}", c.by)
                for c in changes
            ),
        )

"""`kiosk sync`: hand what waits to the registrar, and fetch the roster."""

import argparse
import os
import random
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.commands import FAILED
from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_remark
from kiosk.errors import SyncError

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.config import Config, Loaded
    from kiosk.sync.client import RegistrarClient
    from kiosk.sync.outbox import Outbox

HELP = "hand what waits to the registrar, and fetch the roster"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)
    parser.add_argument(
        "--now", action="store_true", help="try also where the last runs failed just now"
    )
    parser.add_argument(
        "--retry-refused", action="store_true", help="send again what the registrar refused"
    )
    parser.add_argument(
        "--retry-set-aside",
        action="store_true",
        help="mend and send what was set aside, also under a former name of this booth",
    )
    parser.add_argument(
        "--accept-loss",
        action="store_true",
        help="give up the photos that the outbox lost, and those set aside that are damaged",
    )


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Send, fetch, and tell how many went; fails where one cannot go, or one is missing.

    What the timer starts ends at once for a while after runs that failed; what is typed does not.
    """
    from kiosk.sync.clock import describe_span, read_clocks
    from kiosk.sync.configuration import with_configuration
    from kiosk.sync.last_sync import read_last_sync

    last = read_last_sync(loaded.config.sync.roster)
    left = 0.0 if last is None else last.seconds_left(read_clocks())
    if left and not args.now and is_by_timer(os.environ):
        print_remark(
            f"kiosk: the last runs failed; the next that tries is in {describe_span(left)},"
            " and one that is typed at once: sudo kiosk sync"
        )
        return 0
    cut = None if last is None or last.fault is None else last.oldest
    try:
        return _sync(args, with_configuration(loaded), cut)
    except SyncError as error:
        _note(loaded.config, error=error)
        raise


def is_by_timer(environ: Mapping[str, str]) -> bool:
    """Whether systemd's timer has started this process (systemd.exec(5), from version 252 on)."""
    return environ.get("TRIGGER_UNIT", "").endswith(".timer")


def _sync(args: argparse.Namespace, loaded: "Loaded", cut: int | None) -> int:
    from kiosk.sync.backoff import pauses
    from kiosk.sync.enrolment import open_client
    from kiosk.sync.errors import OutboxFault
    from kiosk.sync.loss import accept_loss
    from kiosk.sync.run import REFUSAL_WORDS, bring_roster, sync_once

    settings, institution_code = loaded.config.sync, loaded.config.booth.institution_code
    client = open_client(settings)
    if args.accept_loss:
        given_up = accept_loss(settings.outbox)
        print_remark(f"kiosk: {given_up} photos that were not sent are given up")
    try:
        outbox, was_damaged = _open_outbox(settings.outbox)
    except SyncError:
        with client:
            # Codes shall be known all the same.
            bring_roster(client, settings.roster, institution_code)
            _bring_configuration(client, loaded.config)
            _report(client, loaded.config, None)
        raise
    if args.retry_refused:
        outbox.retry_refused()
    if args.retry_set_aside:
        outbox.retry_set_aside(client.booth_key)

    def show_progress(done: int, total: int) -> None:
        if not args.json:
            print(f"\r{done} of {total}", end="" if done < total else "\n", file=sys.stderr)

    with client:
        _tell_standardisations(client, settings.outbox)
        try:
            result = sync_once(
                outbox,
                client,
                settings.roster,
                institution_code,
                show_progress,
                former_names=args.retry_set_aside,
                cut=cut,
                pauses=lambda: pauses(random.Random()),
            )
        except OutboxFault:
            _report(client, loaded.config, outbox)
            raise
        _bring_configuration(client, loaded.config)
        _report(client, loaded.config, outbox)
    _note(loaded.config, sent=result.sent)
    row = {"sent": result.sent, "refused": result.refused, "pending": result.pending}
    reasons = outbox.refusals() if result.refused else {}
    for reason, number in reasons.items():
        print_remark(f"kiosk: {number} refused: {REFUSAL_WORDS[reason]}")
    set_aside = outbox.set_aside_reasons()
    for number, why in set_aside.items():
        print_remark(f"kiosk: photo {number} is set aside: {why}")
    if set_aside:
        print_remark(
            "kiosk: to mend and send what is set aside: kiosk sync --retry-set-aside; to give up"
            " what is damaged: kiosk sync --accept-loss; whose photo is missing, the registrar's"
            " roster tells"
        )
    if loss := outbox.find_loss():
        print_remark(f"kiosk: {loss}")
    if args.json:
        print_json(
            row | {"set_aside": len(set_aside), "reasons": reasons, "roster": len(result.roster)}
        )
    else:
        print(
            f"{result.sent} sent, {result.refused} refused by the registrar, {len(set_aside)} set"
            f" aside, {result.pending} waiting; the roster has {len(result.roster)} entries"
        )
    return FAILED if result.refused or set_aside or loss or was_damaged else 0


def _note(config: "Config", *, error: SyncError | None = None, sent: int = 0) -> None:
    """Note what this run came to, for `kiosk status` and the runs to come."""
    from functools import partial

    from kiosk.sync.backoff import wait_after
    from kiosk.sync.clock import read_clocks
    from kiosk.sync.errors import ClockWrong, OutboxFault
    from kiosk.sync.last_sync import note_sync
    from kiosk.sync.peek import peek

    # Whose clock is wrong is here: the next run hears that it is right again, wherever it was.
    is_here = error is None or isinstance(error, OutboxFault | ClockWrong)
    try:
        note_sync(
            config.sync.roster,
            read_clocks(),
            fault=None if error is None else str(error),
            sent=sent,
            oldest=peek(config.sync.outbox).oldest,
            wait=None if is_here else partial(wait_after, random=random.Random()),
        )
    except OSError as fault:
        print_remark(f"kiosk: how this run ended was not noted ({fault.strerror})")


def _tell_standardisations(client: "RegistrarClient", outbox: "Path") -> None:
    """Tell how often students were photographed; that it is not heard now holds up no photo."""
    from datetime import UTC, datetime

    from kiosk.sync.errors import NoSuchPath
    from kiosk.sync.ledger import Ledger, ledger_path

    ledger = Ledger(ledger_path(outbox))
    try:
        while told := ledger.untold():
            client.count(told)
            ledger.mark_told(told, datetime.now(UTC))
    except NoSuchPath:
        return  # a registrar of before counts none
    except SyncError as error:
        print_remark(f"kiosk: how often students were photographed was not told: {error}")


def _bring_configuration(client: "RegistrarClient", config: "Config") -> None:
    """Fetch what the booth takes from there; what is wrong with that holds up no photo."""
    from kiosk.sync.configuration import bring_configuration

    try:
        bring_configuration(client, config.sync.roster, config.booth.institution_code)
    except SyncError as error:
        print_remark(f"kiosk: what the registrar says of booths was not taken: {error}")


def _report(client: "RegistrarClient", config: "Config", outbox: "Outbox | None") -> None:
    """Tell the registrar how the booth stands; that it does not hear it is no fault of a sync."""
    from kiosk.sync.report import describe_booth

    try:
        client.report(describe_booth(config, outbox))
    except SyncError as error:
        print_remark(f"kiosk: the registrar was not told how this booth stands: {error}")


def _open_outbox(path: "Path") -> "tuple[Outbox, bool]":
    """Open the outbox, and whether it was damaged; what was whole in it is in the new one."""
    from kiosk.sync.errors import OutboxCorrupt
    from kiosk.sync.outbox import Outbox

    try:
        return Outbox(path), False
    except OutboxCorrupt as error:
        print_remark(f"kiosk: {error}")
        return Outbox(path), True

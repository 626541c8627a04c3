"""Leaving the network before a face is seen, and saying so where that is not certain."""

import argparse

from kiosk.commands.output import print_remark


def leave_network(args: argparse.Namespace) -> None:
    """Have this process leave the network for good.

    Only where the process is the command's own: one that calls `main` as a function keeps it.
    """
    from kiosk.isolation import leave_network as leave

    if args.own_process and (why := leave()) is not None:
        print_remark(
            f"kiosk: this process sees faces and may still have a network: {why}; nothing of ours"
            " uses it, but libraries may tell their makers that they were started"
        )

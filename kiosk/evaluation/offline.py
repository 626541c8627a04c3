"""Run a program that has no network: `python -m kiosk.evaluation.offline PROGRAM ARGUMENT...`."""

import os
import sys

from kiosk.isolation import leave_network


def main() -> None:
    """Leave the network for good and become the program; ends where the network cannot be left."""
    unfenced = leave_network()
    if unfenced is not None:
        sys.exit(f"{sys.argv[1]} is not run: the network cannot be left ({unfenced})")
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()

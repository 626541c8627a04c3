"""What the commands' parsers share: the port, and the type of a set of subcommands."""

import argparse
from typing import TypeAlias

PORT = 8760
"""Where the registrar serves unless told otherwise."""

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

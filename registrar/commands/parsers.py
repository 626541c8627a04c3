"""What the commands' parsers share: the port, and the type of a set of subcommands."""

import argparse
import re
from typing import TypeAlias

PORT = 8760
"""Where the registrar serves unless told otherwise."""

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def institution_code(text: str) -> str:
    """An institution's code, five digits (GB/T 16784's 院校代码); raises ArgumentTypeError."""
    if not re.fullmatch(r"[0-9]{5}", text):
        raise argparse.ArgumentTypeError(f"{text!r}: an institution's code has five digits")
    return text

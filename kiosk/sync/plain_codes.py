"""Plain codes at the booth: what a scan says, as the institution's settings have it read."""

from typing import Literal

from protocol.configuration import ToldSettings
from protocol.plain_code import parse_key, read_plain_code

ProofAsked = Literal["card", "staff"]
"""What must be shown beside a plain code."""


def read_scan(
    text: str, institution_code: str, told: ToldSettings
) -> tuple[str, ProofAsked | None]:
    """By which text registrar and roster know a scan, and what must be shown beside it.

    None: nothing, since it is a capture code, or may be.
    """
    if told.plain_codes in (None, "off"):
        return text, None
    proof = told.plain_proof or "card"
    if parse_key(text) is not None:  # whoever writes it so, writes it plainly as well
        return text, proof
    read = read_plain_code(text, institution_code, told.plain_pattern)
    if read is None:
        return text, None
    if read.capture_code is not None:
        return read.capture_code, None
    return (text, None) if read.plain is None else (read.plain.key, proof)

"""Canonical JSON (RFC 8785): one text for one value, so that it can be signed."""

import json
import math
from decimal import Decimal


def canonical_json(value: object) -> str:
    """Write a JSON value with sorted keys, without spaces, its numbers as ECMAScript has them.

    Raises ValueError for a number that is not finite.
    """
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: str(key).encode("utf-16-be"))
        members = (f"{canonical_json(key)}:{canonical_json(value[key])}" for key in keys)
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical_json, value)) + "]"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value}: JSON has no such number")
        return _write_number(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _write_number(value: float) -> str:
    """Write a finite number as ECMAScript does: whole ones without a point, far ones as 1e+21."""
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    if value == 0:
        return "0"
    if not -6 < point <= 21:
        fraction = f".{text[1:]}" if text[1:] else ""
        written = f"{text[0]}{fraction}e{point - 1:+d}"
    elif point <= 0:
        written = f"0.{'0' * -point}{text}"
    elif point < len(text):
        written = f"{text[:point]}.{text[point:]}"
    else:
        written = text + "0" * (point - len(text))
    return f"-{written}" if sign else written

"""Readers: where capture codes come from (a scanner, the camera), and what a code says."""

from kiosk.reader.capture_code import CaptureCode, CaptureCodeError, parse
from kiosk.reader.reader import Reader

__all__ = ["CaptureCode", "CaptureCodeError", "Reader", "parse"]

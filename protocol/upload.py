"""A photo whose sending was cut goes on where it was cut: what both sides say of it in headers.

The names are those of "Resumable Uploads for HTTP" (draft-ietf-httpbis-resumable-upload) and of
RFC 9530; docs/decisions/0015-cut-uploads-go-on.md says what of these is used.
"""

import hashlib
import re

from protocol.request import PREFIX

OFFSET_HEADER = "Upload-Offset"
"""Bytes of the whole that are there already, or after which these follow."""

COMPLETE_HEADER = "Upload-Complete"
COMPLETE = "?1"
"""With these bytes the whole is there; the only thing that booths say of it."""

PARTIAL = "application/partial-upload"
"""The media type of the rest of a photo's request."""

WORTH_KEEPING = 16_384
"""Bytes from which on what came before a cut is kept, and asked for: less is sent anew as fast."""


def upload_path(whole: bytes) -> str:
    """Name what has come of a photo's request, by that request's body."""
    return f"{PREFIX}/submissions/{hashlib.sha256(whole).hexdigest()}"


def read_offset(text: str | None) -> int | None:
    """Read a place within a request's body; None where it is none."""
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,9}", text) else None

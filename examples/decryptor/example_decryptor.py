"""An example of a decryptor: opens codes that are a NaCl secret box of JSON, in base64.

Yours does what your institution has agreed with whoever issues its codes; only `decrypt`'s
argument and what it returns are the registrar's.
"""

import base64
import binascii
import json
import os
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox


def decrypt(code: str) -> dict[str, str] | None:
    """Say whose a code is; None where it is none of these.

    The keys: `institution_code`, and `record_id` (学籍编号) or `student_no`; `name`, which may be
    masked (张*), is compared with the roster's where it is there.
    """
    key = Path(os.environ["EXAMPLE_DECRYPTOR_KEY"]).read_bytes()
    try:
        opened = SecretBox(key).decrypt(base64.b64decode(code, validate=True))
    except (binascii.Error, ValueError, CryptoError):
        return None
    found: dict[str, str] = json.loads(opened)
    return found

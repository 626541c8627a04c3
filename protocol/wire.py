"""What every type on the wire is built of: JSON, with bytes as URL-safe base64, and its fields."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

BOOTH_ID = r"^[A-Za-z0-9_-]{1,32}$"
"""Pattern of a booth's name: it stands in headers, in files' names and on screens."""

BoothId = Annotated[str, Field(pattern=BOOTH_ID)]
Digest = Annotated[bytes, Field(min_length=32, max_length=32)]
"""A SHA-256."""
Signature = Annotated[bytes, Field(min_length=64, max_length=64)]

WITHOUT_NUL = r"^[^\x00]*$"
"""Pattern of a text that is looked up: PostgreSQL can ask for none with a NUL."""

Text = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
"""What a terminal can show: no control characters."""
Name = Annotated[Text, Field(min_length=1)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
"""No more than every reader of JSON keeps exactly."""
Value = Number | Whole | Text


MOST_NAMED = 256
"""Values that one table of a wire type has at most."""


class WireType(BaseModel):
    """Base of the types on the wire: frozen, and without fields that nobody knows."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )

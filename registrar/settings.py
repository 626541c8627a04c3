"""`registrar.toml` in the data folder: where the registrar keeps things, if not in that folder.

Without it everything lies there: an SQLite file, sealed photos, keys.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from registrar.errors import UsageError

FILE = "registrar.toml"


class ObjectSettings(BaseModel):
    """`[objects]`: a store that speaks the S3 protocol."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str
    bucket: str
    access_key: str
    secret_key_file: Path
    """Holds the secret key, in one line."""
    region: str = "us-east-1"

    def read_secret_key(self) -> str:
        """Read the secret key; raises UsageError."""
        try:
            return self.secret_key_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"{self.secret_key_file}: the object store's secret key cannot be read ({error})"
            ) from error


class WebhookSettings(BaseModel):
    """`[notices.webhook]`: the institution's own system, which hears of each photo's state."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
    secret_file: Path
    """Holds the secret by which it knows that the registrar has called (HMAC-SHA256)."""


class SmtpSettings(BaseModel):
    """`[notices.smtp]`: mail to the students whose addresses the roster has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    sender: Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+$")]
    username: str | None = None
    password_file: Path | None = None


class NoticeSettings(BaseModel):
    """`[notices]`: by which channels students hear of their photo."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    webhook: WebhookSettings | None = None
    smtp: SmtpSettings | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that are configured, by name."""
        found = {"webhook": self.webhook, "smtp": self.smtp}
        return tuple(name for name, settings in found.items() if settings is not None)


class RetentionSettings(BaseModel):
    """`[retention]`: what `registrar retention --run` removes; without a rule all is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    students_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Days after a student's newest photo came, for which all that is held of them stays."""
    refused_photos_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Days after it came, for which a refused photo stays."""


class MetricsSettings(BaseModel):
    """`[metrics]`: who may read `/metrics`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token_file: Path | None = None
    """Holds the bearer token that is asked for; None: only this machine reads them."""


class Settings(BaseModel):
    """What `registrar.toml` says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: str | None = None
    """PostgreSQL's address, `postgresql+psycopg://user@host/name`; None: the SQLite file."""
    objects: ObjectSettings | None = None
    """None: the folder `objects`."""
    vault: Path | None = None
    """The socket of a vault that runs by itself; None: one is started beside the web process."""
    notices: NoticeSettings = NoticeSettings()
    retention: RetentionSettings = RetentionSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: Literal["text", "json"] = "text"
    """How `registrar serve` writes its log: for people, or a line of JSON each."""
    names: Literal["student_no", "id_no"] = "student_no"
    """What exported files are named by."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a data folder's settings; raises UsageError with what is wrong in them."""
        path = folder / FILE
        try:
            return cls.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (FileNotFoundError, NotADirectoryError):  # without folder, its database says so
            return cls()
        except ValidationError as error:
            wrong = error.errors()[0]
            key = ".".join(map(str, wrong["loc"]))
            raise UsageError(f"{path}: {key}: {wrong['msg']}") from error
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(f"{path}: cannot be read ({error})") from error

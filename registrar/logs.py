"""How the server writes its log: for people, or as a line of JSON each.

An exception's message stays out, in either: what cannot be read is often quoted there, and may be
a student's. Its type and where it was raised say enough.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TypeAlias

_Raised: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class TextFormatter(logging.Formatter):
    """A line for people; systemd puts the time before it."""

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - logging's name
        """Say where an exception was raised, without its message."""
        return "\n".join(f"  {line}" for line in tell_exception(ei[1]))


class JsonFormatter(logging.Formatter):
    """A line of JSON: `at`, `level`, `logger`, `said`, and of an exception `raised`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": record.getMessage(),
        }
        if record.exc_info:
            line["raised"] = tell_exception(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def tell_exception(error: BaseException | None) -> list[str]:
    """Tell an exception's type and those that led to it, each with its frames, innermost last."""
    said: list[str] = []
    while error is not None:
        said.append(type(error).__qualname__)
        for frame in traceback.extract_tb(error.__traceback__):
            said.append(f"{frame.filename}:{frame.lineno} {frame.name}")
        error = error.__cause__
    return said


def log_config(kind: Literal["text", "json"]) -> dict[str, Any]:
    """What `logging.config.dictConfig` takes for the server's log, to standard error."""
    formatters = {
        "text": {"()": TextFormatter, "format": "%(levelname)s: %(message)s"},
        "json": {"()": JsonFormatter},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {kind: formatters[kind]},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": kind}},
        "loggers": {
            name: {"handlers": ["stderr"], "level": "WARNING", "propagate": False}
            for name in ("uvicorn", "asyncio")
        },
    }

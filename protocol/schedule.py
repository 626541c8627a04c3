"""Which colleges are photographed where and when: an institution's schedule, slot by slot."""

from datetime import datetime, timedelta, timezone
from typing import Annotated, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from protocol.wire import MOST_NAMED, Name, WireType

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China's one time, without summer time since 1991; no machine's zone or zone files are asked."""


def say_time(at: datetime) -> str:
    """A time as both languages read it, say 11-28 14:30, in Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


MOST_SLOTS = 2000
"""Slots that one institution has at most."""


class Slot(WireType):
    """Some colleges' time at one place. A newer registrar may say more than a booth knows of."""

    model_config = ConfigDict(extra="ignore")

    place: Name
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    colleges: Annotated[tuple[Name, ...], Field(max_length=MOST_NAMED)]
    """By their names on the roster; empty where everybody of the institution may come."""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("the slot ends before it starts")
        return self


Schedule = Annotated[tuple[Slot, ...], Field(max_length=MOST_SLOTS)]
"""All slots of an institution, by their start, then by place."""

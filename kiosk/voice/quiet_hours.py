"""Quiet hours: when the booth does not speak."""

import re
from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one local time to another, over midnight where the end comes before the begin."""

    begin: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """Read `22:00-07:00`; raises ValueError."""
        if not (parts := re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", text, re.ASCII)):
            raise ValueError(f'"{text}" are no hours; write them as 22:00-07:00')
        from_hour, from_minute, to_hour, to_minute = map(int, parts.groups())
        try:
            return cls(time(from_hour, from_minute), time(to_hour, to_minute))
        except ValueError:
            raise ValueError(f'"{text}": a day goes from 00:00 to 23:59') from None

    def contain(self, now: time) -> bool:
        """Whether a local time lies in them; hours that end as they begin are none."""
        if self.begin <= self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end

"""A booth's report: how it stands after a sync. Of people it says nothing, not even of staff."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from protocol.wire import MOST_NAMED, Name, Number, Text, Whole, WireType

Count = Annotated[Whole, Field(ge=0)]


class _Part(WireType):
    """A newer booth may say more than a registrar knows of."""

    model_config = ConfigDict(extra="ignore")


class SupplyReport(_Part):
    """How much of one thing is there, or how many hours a lamp has burnt."""

    unit: Name
    amount: Number | None
    """None: nobody has counted it yet."""
    bound: Number
    """The least of a thing; a lamp's life in hours."""
    is_low: bool


class BoothReport(_Part):
    """What a booth tells of itself."""

    at: AwareDatetime
    """When, by the booth's clock."""
    version: Name
    """The kiosk's."""
    doing: Literal["waits", "serves", "stopped", "maintenance", "stuck", "off"]
    """What the booth's own process does; `off` where it does not run."""
    faults: Annotated[tuple[Name, ...], Field(max_length=MOST_NAMED)] = ()
    """By their names."""
    waiting: Count | None
    """Photos that wait to be sent; None where the outbox cannot be read, as below."""
    refused: Count | None
    set_aside: Count | None
    visits: Count | None
    """Since the booth's stock is counted; None where it cannot be read."""
    supplies: Annotated[dict[Text, SupplyReport], Field(max_length=MOST_NAMED)]
    """By their names; a lamp's begins with `lamp.`."""

    @property
    def low(self) -> tuple[str, ...]:
        """The names of what runs out."""
        return tuple(name for name, supply in self.supplies.items() if supply.is_low)

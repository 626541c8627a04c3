"""The registrar's event loop: asyncio's, with a deadline for the beginning of TLS."""

import asyncio
from typing import Any

from registrar.connections import WAITING

HANDSHAKE_SECONDS = 5.0
"""asyncio gives a minute, in which who connects and says nothing holds a handle."""


class BoundedEventLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop; servers on it end a TLS handshake that takes too long."""

    async def create_server(self, *arguments: Any, **options: Any) -> asyncio.Server:
        """Listen as asyncio does."""
        if options.get("ssl") is not None:
            options.setdefault("ssl_handshake_timeout", HANDSHAKE_SECONDS)
        server = await super().create_server(*arguments, **options)
        if (listening := options.get("sock")) is not None:
            listening.listen(WAITING)  # as many as asyncio takes in one go is too few
        return server

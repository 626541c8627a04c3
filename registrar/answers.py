"""What every answer bears, and that it is counted; around the application, whoever answers."""

import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registrar.desk.frame import HEADERS
from registrar.metrics import count_request

TLS_SECONDS = 31_536_000
"""For which a browser that came by TLS comes by nothing else."""


class Answers:
    """Adds headers to answers as they begin; their bodies pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                count_request(scope, message["status"], time.monotonic() - began)
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = f"max-age={TLS_SECONDS}"
            await send(message)

        await self._app(scope, receive, send_on)

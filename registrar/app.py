"""The registrar's HTTP application: the booths' protocol, and the page for staff."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from registrar.booth_requests import NotServed
from registrar.booth_routes import answer_problem, booth_routes
from registrar.errors import StoreError
from registrar.keys import Keys
from registrar.page_routes import page_routes
from registrar.store import Store

_log = logging.getLogger("uvicorn.error")

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_app(store: Store, keys: Keys, token: str | None) -> FastAPI:
    """Make the application over a data folder; `token` is the page's password (`page_routes`)."""
    app = FastAPI(title="registrar", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(booth_routes(store, keys))
    app.include_router(page_routes(store, keys.vault, token))
    app.exception_handler(NotServed)(answer_problem)
    app.exception_handler(StoreError)(_answer_fault)

    @app.middleware("http")
    async def add_headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        response.headers.update(_HEADERS)
        return response

    return app


def _answer_fault(request: Request, error: StoreError) -> Response:
    """Tell who asks to come again, and staff, in the log, what to mend."""
    _log.error("registrar: %s", error)
    return Response("The registrar cannot use its disk now.", 503, media_type="text/plain")

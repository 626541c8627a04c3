"""The registrar's HTTP application: the booths' protocol, and the page for staff."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from registrar.booth_routes import NotServed, answer_problem, booth_routes
from registrar.keys import Keys
from registrar.page_routes import page_routes
from registrar.store import Store

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
    app.include_router(page_routes(store, token))
    app.exception_handler(NotServed)(answer_problem)

    @app.middleware("http")
    async def add_headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        response.headers.update(_HEADERS)
        return response

    return app

"""The registrar's HTTP application: the booths' protocol, and the desk's pages for staff."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from registrar.answers import Answers
from registrar.booth_requests import NotServed
from registrar.booth_routes import answer_problem, booth_routes
from registrar.configuration_routes import configuration_routes
from registrar.desk import requests
from registrar.desk.account_pages import account_routes
from registrar.desk.audit_pages import audit_routes
from registrar.desk.booth_pages import booth_page_routes
from registrar.desk.erasure_pages import erasure_routes
from registrar.desk.export_pages import export_routes
from registrar.desk.figure_pages import figure_routes
from registrar.desk.frame import Desk
from registrar.desk.home_pages import home_routes
from registrar.desk.login_pages import login_routes
from registrar.desk.photo_pages import photo_routes
from registrar.desk.policy_pages import policy_routes
from registrar.desk.problem_pages import (
    answer_missing,
    answer_not_served,
    answer_not_signed_in,
)
from registrar.desk.review_pages import review_routes
from registrar.desk.roster_pages import roster_page_routes
from registrar.desk.schedule_pages import schedule_routes
from registrar.desk.setup_pages import setup_routes
from registrar.desk.student_pages import student_routes
from registrar.enrolment_routes import enrolment_routes
from registrar.errors import StoreError
from registrar.health import health_routes
from registrar.keys import Keys
from registrar.metrics import metrics_routes
from registrar.roster_publisher import RosterPublisher
from registrar.roster_routes import roster_routes
from registrar.store import Store

_log = logging.getLogger("uvicorn.error")

_PAGES = (
    home_routes,
    login_routes,
    setup_routes,
    account_routes,
    roster_page_routes,
    schedule_routes,
    booth_page_routes,
    audit_routes,
    review_routes,
    policy_routes,
    photo_routes,
    student_routes,
    erasure_routes,
    figure_routes,
    export_routes,
)
"""The desk's pages."""


def create_app(
    store: Store, keys: Keys, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> FastAPI:
    """Make the application over a data folder; `now` is the desk's clock."""
    app = FastAPI(title="registrar", docs_url=None, redoc_url=None, openapi_url=None)
    desk = Desk(store, keys, now)
    app.include_router(booth_routes(store, keys, now))
    publisher = RosterPublisher(store.database, store.objects, keys.signing_key, now)
    app.include_router(roster_routes(store, publisher, now))
    app.include_router(configuration_routes(store, keys, now))
    app.include_router(enrolment_routes(store, keys, now))
    app.include_router(health_routes(store, keys))
    app.include_router(metrics_routes(store))
    for routes in _PAGES:
        app.include_router(routes(desk))
    app.exception_handler(NotServed)(answer_problem)
    app.exception_handler(StoreError)(_answer_fault)
    app.exception_handler(requests.NotSignedIn)(answer_not_signed_in)
    app.exception_handler(requests.NotServed)(answer_not_served(desk))
    for wrong in (HTTPException, RequestValidationError):
        app.exception_handler(wrong)(answer_missing(desk))

    app.add_middleware(Answers)
    return app


def _answer_fault(request: Request, error: StoreError) -> Response:
    """Tell who asks to come again, and staff, in the log, what to mend."""
    _log.error("registrar: %s", error)
    return Response("The registrar cannot use its disk now.", 503, media_type="text/plain")

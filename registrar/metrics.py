"""`/metrics` for Prometheus: counts and times of all workers, of nobody in particular."""

import hmac
import os
from collections.abc import Iterable
from pathlib import Path

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from starlette.exceptions import HTTPException
from starlette.types import Scope

from protocol.request import is_loopback
from registrar.errors import UsageError
from registrar.metrics_folder import VARIABLE
from registrar.settings import Settings
from registrar.storage.tables import NOTICE, PHOTO, ROSTER_CHANGE
from registrar.store import Store

_OWN = CollectorRegistry()

PHOTOS = Counter("registrar_photos", "Photos that came, by what became of them", ["became"],
                 registry=_OWN)  # fmt: skip
LOOKUPS = Counter("registrar_lookups", "Codes that booths asked for, by what became of it",
                  ["became"], registry=_OWN)  # fmt: skip
_REQUESTS = Counter(
    "registrar_requests", "Requests answered", ["route", "method", "status"], registry=_OWN
)
_SECONDS = Histogram(
    "registrar_request_seconds",
    "Seconds to the beginning of an answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_OWN,
)

_METHODS = ("GET", "POST", "HEAD")

_FORWARDED = ("forwarded", "x-forwarded-for")
"""Headers of a request that came through a proxy, which alone is on this machine."""


def count_request(scope: Scope, status: int, seconds: float) -> None:
    """Count a request by its route's pattern: what a path names stays out."""
    route = getattr(scope.get("route"), "path", "none")
    method = scope["method"] if scope["method"] in _METHODS else "other"
    _REQUESTS.labels(route, method, status).inc()
    _SECONDS.labels(route).observe(seconds)


def metrics_routes(store: Store) -> APIRouter:
    """Make the route `/metrics`. Raises UsageError where its token cannot be read."""
    router = APIRouter()
    token = _read_token(Settings.read(store.folder).metrics.token_file)

    @router.get("/metrics")
    def metrics(request: Request) -> Response:
        if not _may_read(request, token):
            raise HTTPException(404)
        registry = CollectorRegistry()
        if VARIABLE in os.environ:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            registry.register(_OWN)
        registry.register(_Held(store))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


class _Held(Collector):
    """What the database holds, where counting costs little however much it is."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Say nothing before it is asked."""
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Count."""
        waiting = (
            ("registrar_review_waiting", "Photos that nobody has reviewed yet",
             PHOTO.c.state == "unreviewed"),
            ("registrar_notices_waiting", "Notices to students that are to be sent",
             NOTICE.c.next_at.is_not(None)),
        )  # fmt: skip
        with self._store.database.connection() as db:
            for name, said, where in waiting:
                counted = select(func.count()).where(where)
                yield GaugeMetricFamily(name, said, value=db.execute(counted).scalar_one())
            noted = db.execute(select(func.count()).select_from(ROSTER_CHANGE)).scalar_one()
        yield GaugeMetricFamily(
            "registrar_roster_changes_waiting", "Changes that no delta tells yet", value=noted
        )
        contact = GaugeMetricFamily(
            "registrar_booth_last_report_seconds", "When a booth told of itself", labels=["booth"]
        )
        for booth_id, (at, _) in self._store.booths.reports().items():
            contact.add_metric([booth_id], at.timestamp())
        yield contact


def _may_read(request: Request, token: str | None) -> bool:
    if token is not None:
        said = request.headers.get("authorization", "")
        return hmac.compare_digest(said.encode(), f"Bearer {token}".encode())
    came_itself = not any(header in request.headers for header in _FORWARDED)
    return came_itself and request.client is not None and is_loopback(request.client.host)


def _read_token(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: the metrics' token cannot be read ({error})") from error
    if not token:
        raise UsageError(f"{path}: the metrics' token is empty; write one into it")
    return token

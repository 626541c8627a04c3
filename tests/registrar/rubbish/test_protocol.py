"""The booths' protocol is what its description says, whatever comes: signed or not."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings

from protocol.request import PREFIX, sign_request
from protocol.upload import PARTIAL
from registrar import enrolment_routes
from registrar.app import create_app
from registrar.cli import main
from registrar.openapi import OCTETS, OPERATIONS, STATUSES, describe
from registrar.serve import Server
from tests.registrar.rubbish.stored import stored
from tests.town import BOOTH, Town

if TYPE_CHECKING:
    from schemathesis import BaseSchema, Case

GENEROUS = 20
"""Seconds; a hang ends in a failure."""

SESSION = requests.Session()
SESSION.trust_env = False

Operation = tuple[str, str]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with Server(folder / "registrar") as serving:
        yield Town(serving, folder / "booth", students=3)


@pytest.fixture(scope="module")
def description(town: Town) -> dict[str, Any]:
    return describe(create_app(town.store, town.server.keys))


@pytest.fixture(scope="module")
def schema(description: dict[str, Any]) -> "BaseSchema":
    # Loaded here, and not wherever tests are collected: it takes a second.
    import schemathesis

    schemathesis.serializer.alias(PARTIAL, OCTETS)
    return schemathesis.openapi.from_dict(description)


@pytest.fixture(autouse=True)
def _often_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment_routes, "ATTEMPTS", 10_000)


def test_the_description_has_every_route_of_the_booths_and_no_other(town: Town) -> None:
    served = create_app(town.store, town.server.keys).openapi()["paths"]
    booths = [path for path in served if path.startswith(f"{PREFIX}/")]
    watchers = ["/healthz", "/readyz"]
    assert set(OPERATIONS) == {
        (method, path) for path in (*booths, *watchers) for method in served[path]
    }
    assert set(STATUSES) == {status for one in OPERATIONS.values() for status in one.answers}


def test_the_description_is_printed_and_names_what_it_uses(
    capsys: pytest.CaptureFixture[str], description: dict[str, Any]
) -> None:
    assert main(["openapi"]) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed) == json.loads(json.dumps(description))
    for name in description["components"]["schemas"]:
        assert f'"#/components/schemas/{name}"' in printed


@pytest.mark.parametrize(
    ("kind", "examples"),
    [
        ("negative", 2),
        pytest.param("negative", 100, marks=pytest.mark.soak),
        pytest.param("positive", 100, marks=pytest.mark.soak),
    ],
)
@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_what_comes_is_answered_as_described_and_nothing_of_it_stored(
    town: Town, schema: "BaseSchema", operation: Operation, kind: str, examples: int
) -> None:
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    method, path = operation
    if kind == "negative" and not path.startswith(PREFIX):
        pytest.skip("has nothing that could be wrong")
    cases = schema[path][method].as_strategy(generation_mode=GenerationMode(kind))
    before = stored(town.store)

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def check(case: "Case[Any]") -> None:
        for send in (town_sends, stranger_sends):
            case.validate_response(
                send(town, case),
                checks=[
                    not_a_server_error,
                    checks.status_code_conformance,
                    checks.content_type_conformance,
                    checks.response_schema_conformance,
                ],
            )

    check()
    after = stored(town.store)
    if path == f"{PREFIX}/reports":
        after["report"] = before["report"]  # a report that is none is refused, others are kept
    if path.startswith(f"{PREFIX}/roster/"):
        for name in ("roster_edition", "roster_change", "objects roster"):
            after[name] = before[name]  # who asks for a roster has it made
    assert after == before


def prepare(town: Town, case: "Case[Any]") -> requests.PreparedRequest:
    given = case.as_transport_kwargs(base_url=town.server.url)
    return requests.Request(
        **{name: value for name, value in given.items() if name not in ("timeout", "verify")}
    ).prepare()


def stranger_sends(town: Town, case: "Case[Any]") -> requests.Response:
    """Send a request as it was made up."""
    return SESSION.send(prepare(town, case), timeout=GENEROUS)


def town_sends(town: Town, case: "Case[Any]") -> requests.Response:
    """Send a request signed by the booth, whatever else is in it."""
    request = prepare(town, case)
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else body
    path = unquote(urlsplit(request.url or "").path)
    now = str(int(datetime.now(UTC).timestamp()))
    signed = sign_request(request.method or "", path, BOOTH, now, content, town.key)
    request.headers.update(signed)
    return SESSION.send(request, timeout=GENEROUS)

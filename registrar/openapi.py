"""The booths' protocol as OpenAPI says it: what each request takes, and what it is answered.

Paths and their parameters are the application's own; what they mean, and what comes back with which
status, stands here. Nobody is served it: `registrar openapi` prints it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from protocol.enrolment import EnrolmentAnswer, EnrolmentRequest
from protocol.envelope import Envelope
from protocol.receipt import Receipt
from protocol.report import BoothReport
from protocol.request import (
    BOOTH_HEADER,
    CLOCK_WINDOW,
    CONTENT_DIGEST_HEADER,
    DIGEST_HEADER,
    LARGEST_BODY,
    PREFIX,
    SIGNATURE_HEADER,
    TIME_HEADER,
    Problem,
)
from protocol.roster import ANSWER, Question
from protocol.standardisation import ToldStandardisations
from protocol.upload import COMPLETE, COMPLETE_HEADER, OFFSET_HEADER, PARTIAL
from protocol.wire import BOOTH_ID
from registrar.enrolment_routes import LARGEST_REQUEST

_VERSION = PREFIX.strip("/v")
_PARAMETERS = "#/components/parameters"

JSON, OCTETS, TEXT = "application/json", "application/octet-stream", "text/plain; charset=utf-8"

Said = TypeAdapter[Any] | str | None
"""What an answer holds: JSON of a type, something of a media type, or nothing."""

_DESCRIPTION = f"""
A booth signs each request but `/enrol` with its Ed25519 key: the texts "request 1", method, path
without query, `{BOOTH_HEADER}`, `{TIME_HEADER}`, and the SHA-256 of the body, each after its length
in bytes (eight bytes, big-endian). Bodies are as they are signed: no `Content-Encoding` is undone.
Of what is wrong with a request the first is said of: its length, its booth, its signature, its
time, its body. A signed request may be repeated for {CLOCK_WINDOW} s, and then says the same
once more: nothing is done twice.
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one path takes and answers."""

    summary: str
    answers: Mapping[int, Said]
    takes: Said = None
    is_signed: bool = True
    headers: Mapping[str, tuple[bool, JsonSchemaValue]] = field(default_factory=dict)
    """Of the request, but for the signature's: whether each must be there, and what it is."""


_PROBLEM: TypeAdapter[Any] = TypeAdapter(Problem)
_RECEIPT: TypeAdapter[Any] = TypeAdapter(Receipt)
_EMPTY: TypeAdapter[Any] = TypeAdapter(dict[str, None])
_SIGNED: Mapping[int, Said] = {**dict.fromkeys((400, 401, 408, 413), _PROBLEM), 503: TEXT}
"""What a signed request may be answered, whatever it asks for."""

_PATTERN = {422: _EMPTY}
"""A part of the path, or a parameter, is none."""

_OFFSET: JsonSchemaValue = {"type": "string", "pattern": r"^[0-9]{1,9}$"}

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("post", f"{PREFIX}/resolve"): Operation(
        "Ask whose a capture code is. 429: this booth, or its institution, asks for more codes than"
        " people come; ask again after Retry-After.",
        {200: ANSWER, 429: _PROBLEM, **_SIGNED},
        TypeAdapter(Question),
    ),
    ("post", f"{PREFIX}/standardisations"): Operation(
        "Tell how standardisations ended; each counts once, however often it is told.",
        {200: _EMPTY, **_SIGNED},
        TypeAdapter(ToldStandardisations),
    ),
    ("post", f"{PREFIX}/submissions"): Operation(
        "Send a photo. 200: it is held, and 409: it is refused, both under a signed receipt; the"
        " same envelope is held once, and has the same receipt however often it comes.",
        {200: _RECEIPT, 409: _RECEIPT, **_SIGNED},
        TypeAdapter(Envelope),
    ),
    ("head", f"{PREFIX}/submissions/{{whole}}"): Operation(
        "Ask how much has come of a photo's request that was cut, by its body's SHA-256.",
        dict.fromkeys((204, 404, 422, *_SIGNED)),
    ),
    ("patch", f"{PREFIX}/submissions/{{whole}}"): Operation(
        "Send the rest of a photo's request that was cut, and be answered as it would have been,"
        " 409 with the receipt too; without content where it goes on elsewhere (Upload-Offset).",
        {200: _RECEIPT, 409: None, **_PATTERN, **_SIGNED},
        PARTIAL,
        headers={
            OFFSET_HEADER: (True, _OFFSET),
            COMPLETE_HEADER: (True, {"type": "string", "const": COMPLETE}),
        },
    ),
    ("post", f"{PREFIX}/reports"): Operation(
        "Tell how the booth stands.", {200: _EMPTY, **_SIGNED}, TypeAdapter(BoothReport)
    ),
    ("get", f"{PREFIX}/roster/{{institution_code}}"): Operation(
        "Fetch what follows on what the booth holds: signed deltas, or the signed head of a base to"
        " begin with. 304: it has all. 503: a base is being made, or the registrar cannot use its"
        " disk; ask again after Retry-After.",
        {200: OCTETS, 304: None, 403: _PROBLEM, **_PATTERN, **_SIGNED},
    ),
    ("get", f"{PREFIX}/roster/{{institution_code}}/base/{{base}}"): Operation(
        "Fetch a piece of a base's entries. 404: there is no such base any more. 416: nor such a"
        " piece of it.",
        {206: OCTETS, 403: _PROBLEM, 404: None, 416: None, **_PATTERN, **_SIGNED},
        headers={
            "Range": (True, {"type": "string", "pattern": r"^bytes=[0-9]{1,15}-[0-9]{0,15}$"})
        },
    ),
    ("get", f"{PREFIX}/configuration/{{institution_code}}"): Operation(
        "Fetch what the institution's booths take from the registrar, signed. 304: the booth has it"
        " by its ETag. 404: there is nothing to take.",
        {200: OCTETS, 304: None, 403: _PROBLEM, 404: None, **_PATTERN, **_SIGNED},
        headers={"If-None-Match": (False, {"type": "string", "maxLength": 200})},
    ),
    ("post", f"{PREFIX}/enrol"): Operation(
        "Enrol by a one-time code. 403: nobody gave out this code, or it is good no more. 409: the"
        " name it was given out for is taken. 429: too often from one address.",
        {200: TypeAdapter(EnrolmentAnswer)}
        | dict.fromkeys((400, 403, 408, 409, 413, 429), _PROBLEM)
        | {503: TEXT},
        TypeAdapter(EnrolmentRequest),
        is_signed=False,
    ),
    ("get", "/healthz"): Operation("Ask whether it lives.", {200: TEXT}, is_signed=False),
    ("get", "/readyz"): Operation(
        "Ask whether it can take a photo.", {200: TEXT, 503: TEXT}, is_signed=False
    ),
}

STATUSES = {
    200: "Done.", 204: "So much has come.", 206: "The piece.", 304: "Nothing new.",
    400: "What came is not what was signed (garbled), or not of the protocol (malformed).",
    401: "Not enrolled by this key, or one of the clocks is wrong.",
    403: "No such code, or another institution's.", 404: "There is none.",
    408: "It has not come in time.",
    409: "Not taken.", 413: f"More than {LARGEST_BODY} bytes, or {LARGEST_REQUEST} to /enrol.",
    416: "Outside the base.", 422: "A part of the address is none.",
    429: "Too often.", 503: "Not now.",
}  # fmt: skip

_SIGNATURE: Mapping[str, tuple[bool, JsonSchemaValue]] = {
    BOOTH_HEADER: (True, {"type": "string", "pattern": BOOTH_ID}),
    TIME_HEADER: (True, {"type": "string", "pattern": r"^[0-9]{1,12}$"}),
    SIGNATURE_HEADER: (True, {"type": "string", "pattern": r"^[0-9a-f]{128}$"}),
    DIGEST_HEADER: (False, {"type": "string", "pattern": r"^[0-9a-f]{64}$"}),
    CONTENT_DIGEST_HEADER: (
        False,
        {"type": "string", "pattern": r"^sha-256=:[0-9A-Za-z+/]{43}=:$"},
    ),
}
"""Whether each must be there. Without either digest the signature is judged once the body is there;
booths send one."""


class _Schemas(GenerateJsonSchema):
    """Schemas of the wire's types, with the lengths that bytes have as base64."""

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:
        """Say how bytes are written."""
        said: JsonSchemaValue = {"type": "string", "contentEncoding": "base64url"}
        if (least := schema.get("min_length")) is not None:
            said["minLength"] = -(-least * 4 // 3)
        if (most := schema.get("max_length")) is not None:
            said["maxLength"] = -(-most // 3) * 4
        return said


def describe(app: FastAPI) -> dict[str, Any]:
    """Describe what an application serves to booths, and to who watches, in OpenAPI 3.1."""
    found = get_openapi(title="registrar", version=_VERSION, routes=app.routes)["paths"]
    schemas, shared = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), operation in OPERATIONS.items():
        given = found[path][method].get("parameters", ())
        said: dict[str, Any] = {
            "summary": operation.summary,
            "parameters": [
                *(parameter for parameter in given if parameter["in"] != "header"),
                *({"$ref": f"{_PARAMETERS}/{name}"} for name in _SIGNATURE if operation.is_signed),
                *(_header(name, *told) for name, told in operation.headers.items()),
            ],
            "responses": {
                str(status): {"description": STATUSES[status], **_content(answer, schemas)}
                for status, answer in sorted(operation.answers.items())
            },
        }
        if operation.takes is not None:
            said["requestBody"] = {"required": True, **_content(operation.takes, schemas)}
        paths.setdefault(path, {})[method] = said
    parameters = {name: _header(name, *told) for name, told in _SIGNATURE.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Registrar: the booths' protocol",
            "version": _VERSION,
            "description": _DESCRIPTION.strip(),
        },
        "paths": paths,
        "components": {"parameters": parameters, "schemas": shared},
    }


def _schemas() -> tuple[dict[int, JsonSchemaValue], dict[str, JsonSchemaValue]]:
    """The schema of each type that is sent or answered, by its adapter's id; what they share."""
    told: list[tuple[Said, JsonSchemaMode]] = []
    for operation in OPERATIONS.values():
        told.append((operation.takes, "validation"))
        told += [(answer, "serialization") for answer in operation.answers.values()]
    adapters = {id(said): (said, mode) for said, mode in told if isinstance(said, TypeAdapter)}
    schemas, shared = TypeAdapter.json_schemas(
        [(str(key), mode, said) for key, (said, mode) in adapters.items()],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Schemas,
    )
    return {int(key): schema for (key, _), schema in schemas.items()}, shared["$defs"]


def _content(said: Said, schemas: Mapping[int, JsonSchemaValue]) -> dict[str, Any]:
    if said is None:
        return {}
    if isinstance(said, str):
        return {"content": {said: {}}}
    return {"content": {JSON: {"schema": schemas[id(said)]}}}


def _header(name: str, required: bool, schema: JsonSchemaValue) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": schema}

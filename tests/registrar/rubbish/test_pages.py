"""The desk's pages bear rubbish in every field: no fault, no trace of one, and nothing stored."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from registrar.app import create_app
from registrar.desk import limits
from registrar.desk.access import ROLES
from registrar.serve import Server
from tests.desk import Browser, signed_in
from tests.registrar.rubbish.stored import stored
from tests.town import Town, submission

NASTY = (
    "", " ", "\0", "a\0b", "%00", "../../etc/passwd", "..\\..", "/", "//[", "//evil.example/",
    "[", "]", "0", "-1", "1e9", "9" * 30, "9" * 5000, "٣", "²", "NaN", "Infinity", "true", "null",
    "{}", "[]", "2026-02-30", "0000-00-00", "9999-12-31", "2026-W01-1", "%", "_", "*", "{csrf}",
    "'; DROP TABLE photo; --", "%' OR '1'='1", "<script>alert(1)</script>", "{{7*7}}", "\u202e",
    "\ufeff", "\ud7ff\ue000", "\U0001f600", "\U0010ffff", "a" * 201, "é" * 100_000,
    "\r\nSet-Cookie: a=b", "zh-CN", "en", "yes", "approve", "refuse", "eyes_closed", "booth-1",
    "record-1", "10000", "00000000-0000-0000-0000-000000000000", str(submission(1)),
    str(submission(1)).upper(), f"{{{submission(1)}}}", "token.AAAA", "a.b.c", "=", "====", "eyJ9",
)  # fmt: skip

TEXTS = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))

FINE = {200, 303, 400, 401, 403, 404, 405, 409, 413, 422, 429}

PAGES = Path("registrar/pages")
SOURCES = Path("registrar/desk")


def form_fields() -> list[str]:
    """Every name that a form's field has, in the pages and where they are read."""
    named = re.compile(r'\bname="([a-z_]+)"')
    read = re.compile(r'\.(?:text|texts|file)\(\s*"([a-z_]+)"')
    found = {name for path in PAGES.glob("*.html") for name in named.findall(path.read_text())}
    return sorted(found.union(*(read.findall(path.read_text()) for path in SOURCES.glob("*.py"))))


FIELDS = form_fields()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with Server(folder / "registrar") as serving:
        town = Town(serving, folder / "booth", students=3)
        town.client().send(town.envelope(1))
        yield town


@pytest.fixture(scope="module")
def somebody(town: Town) -> Browser:
    """Signed in, with every role: so that each form is read."""
    browser = signed_in(town.server, *ROLES)
    assert browser.csrf()
    return browser


@pytest.fixture(scope="module")
def routes(town: Town) -> dict[str, dict[str, Any]]:
    paths = create_app(town.store, town.server.keys).openapi()["paths"]
    return {path: told for path, told in paths.items() if not path.startswith("/v1/")}


class Sending:
    """Sends requests, and looks at each answer, at the log and at what was stored."""

    def __init__(self, town: Town, browser: Browser, log: pytest.LogCaptureFixture) -> None:
        self._town, self._browser, self._log = town, browser, log
        self._stored = stored(town.store)

    def send(self, method: str, path: str, **given: Any) -> int:
        """Send one; its answer's status."""
        answer = self._browser.session.request(
            method, self._browser.url + path, allow_redirects=False, timeout=30, **given
        )
        said = (method, path[:200], answer.status_code)
        assert answer.status_code in FINE, said
        assert "Traceback" not in answer.text, said
        before, self._stored = self._stored, stored(self._town.store)
        if answer.status_code >= 400:
            assert self._stored == before, said
        faults = [line.getMessage() for line in self._log.records if line.levelno >= logging.ERROR]
        assert faults == [], (said, faults)
        return answer.status_code


@pytest.fixture
def sending(
    town: Town, somebody: Browser, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sending]:
    monkeypatch.setattr(limits, "BY_ADDRESS", 10_000)
    server_log = logging.getLogger("uvicorn.error")
    server_log.addHandler(caplog.handler)
    yield Sending(town, somebody, caplog)
    server_log.removeHandler(caplog.handler)


def rubbish(examples: int) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


examples = pytest.mark.parametrize("examples", [20, pytest.param(1500, marks=pytest.mark.soak)])


@examples
def test_rubbish_in_addresses_gets_its_status(
    routes: dict[str, dict[str, Any]], sending: Sending, examples: int
) -> None:
    pages = [(path, told["get"]) for path, told in sorted(routes.items()) if "get" in told]

    @rubbish(examples)
    @given(page=st.sampled_from(pages), data=st.data())
    def check(page: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
        path, told = page
        queried = {
            parameter["name"]: data.draw(TEXTS)
            for parameter in told.get("parameters", ())
            if parameter["in"] == "query"
        }
        sending.send("GET", fill(path, data), params=queried)

    check()


@examples
def test_rubbish_in_forms_gets_its_status(
    routes: dict[str, dict[str, Any]], sending: Sending, somebody: Browser, examples: int
) -> None:
    forms = [path for path, told in sorted(routes.items()) if "post" in told]
    forms.remove("/logout")
    forms.remove("/account/sessions/end")
    csrf = somebody.csrf()

    @rubbish(examples)
    @given(
        path=st.sampled_from(forms),
        fields=st.dictionaries(st.sampled_from(FIELDS), TEXTS, max_size=len(FIELDS)),
        kind=st.sampled_from(["urlencoded", "multipart", "file"]),
        data=st.data(),
    )
    def check(path: str, fields: dict[str, str], kind: str, data: st.DataObject) -> None:
        fields.pop("csrf", None)
        form: dict[str, Any] = {"csrf": csrf, **fields}
        if kind == "urlencoded":
            sending.send("POST", fill(path, data), data=form)
        else:
            files = {"x": b"x"} if kind == "multipart" else {"file": data.draw(st.binary())}
            sending.send("POST", fill(path, data), data=form, files=files)

    check()


@pytest.mark.parametrize(
    "charset", ["utf-7", "unicode_escape", "undefined", "utf-8\x7f", "zip", "idna", "x" * 500]
)
def test_a_forms_own_encoding_makes_no_fault(
    somebody: Browser, sending: Sending, charset: str
) -> None:
    parts = {"csrf": somebody.csrf(), "institution_code": "\\ud800", "language": "+2AA-", "q": "\0"}
    lines = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in parts.items()
    ]
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    for path in ("/policies", "/permits", "/booths/offers", "/login", "/schedule/preview"):
        body = ("".join(lines) + "--b--\r\n").encode()
        sending.send("POST", path, data=body, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\n\r\n",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        b"--b\r\n" + b"X: y\r\n" * 5000 + b"\r\n--b--",
        b'--b\r\nContent-Disposition: form-data; name="' + b"a" * 50_000 + b'"\r\n\r\n\r\n--b--',
        b"--c\r\n" * 5000,
        b"\xff" * 60_000,
        b"&" * 60_000,
        b"a=b&" * 15_000,
        b"=" * 60_000,
    ],
    ids=lambda body: f"{body[:12]!r} {len(body)}",
)
@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data; boundary=b", "multipart/form-data", "application/x-www-form-urlencoded"],
)
def test_a_body_that_is_no_form_gets_its_status(
    somebody: Browser, sending: Sending, kind: str, body: bytes
) -> None:
    headers = {"Content-Type": kind, "X-CSRF-Token": somebody.csrf()}
    assert sending.send("POST", "/policies", data=body, headers=headers) == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://["},
        {"Origin": "null"},
        {"Accept-Language": "zh;q=x,;;;," * 500},
        {"Accept-Language": "en;q=" + "9" * 4000},
        {"Cookie": "language=\xff; desk=\xff"},
        {"Cookie": "desk=" + "x" * 9000},
        {"Cookie": ";" * 9000},
        {"Content-Length": "٣".encode().decode("latin-1")},
        {"Content-Type": "multipart/form-data; boundary=" + "b" * 9000},
        {"Content-Type": "\xff"},
        {"X-CSRF-Token": "\xff" * 100},
        {"HX-Request": "true", "HX-Target": "\xff"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Forwarded": "for=\xff", "X-Forwarded-For": "127.0.0.1"},
        {"Authorization": "Bearer \xff"},
        {"Range": "bytes=-"},
    ],
    ids=lambda headers: next(iter(headers.items()))[0],
)
def test_headers_make_no_fault(sending: Sending, headers: dict[str, str]) -> None:
    latin = {name: text.encode("latin-1") for name, text in headers.items()}
    for method, path in (("GET", "/login"), ("POST", "/login"), ("GET", "/"), ("GET", "/metrics")):
        sending.send(method, path, headers=latin)
    sending.send("POST", "/policies", headers=latin)


def fill(path: str, data: st.DataObject) -> str:
    """A path with something in the place of each of its parameters."""
    return re.sub(r"\{[^}]*\}", lambda _: quote(data.draw(TEXTS), safe="/"), path)

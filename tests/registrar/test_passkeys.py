"""Passkeys: made by a set-up link or an account's owner, and enough to sign in with."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator

import pytest
import requests

from registrar.desk.accounts import find_id
from registrar.desk.passkeys import CHALLENGE_SECONDS, Passkeys, Place
from registrar.desk.sessions import FRESH, Sessions
from registrar.serve import Server
from tests.authenticator import Authenticator
from tests.desk import Browser, employ, new_login, now, signed_in


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("desk") / "registrar") as serving:
        yield serving


def named(server: Server) -> str:
    """The registrar's address by a name: passkeys want one."""
    return server.url.replace("127.0.0.1", "localhost").rstrip("/")


def set_up(server: Server, device: Authenticator) -> requests.Response:
    token = employ(server.store, "reviewer")
    browser = Browser(named(server))
    options = browser.post(f"/setup/{token}/passkey/options").json()
    return browser.post(
        f"/setup/{token}/passkey", credential=device.create(options), label="Laptop"
    )


def name_of(device: Authenticator) -> str:
    """By which the account's page calls a passkey."""
    return urlsafe_b64encode(device.credential_id).decode()


def sign_in(server: Server, device: Authenticator) -> tuple[Browser, requests.Response]:
    browser = Browser(named(server))
    options = browser.post("/login/passkey/options").json()
    return browser, browser.post("/login/passkey", credential=device.get(options), next="/")


@pytest.fixture
def device(server: Server) -> Authenticator:
    return Authenticator(named(server))


def test_a_passkey_sets_an_account_up_and_signs_in(server: Server, device: Authenticator) -> None:
    assert set_up(server, device).json() == {"next": "/"}
    browser, answer = sign_in(server, device)
    assert answer.json() == {"next": "/"}
    assert "Anna" in browser.get("/").text


def test_a_passkey_is_used_over_and_over_but_no_answer_twice(
    server: Server, device: Authenticator
) -> None:
    set_up(server, device)
    browser = Browser(named(server))
    credential = device.get(browser.post("/login/passkey/options").json())
    assert browser.post("/login/passkey", credential=credential).status_code == 200
    assert browser.post("/login/passkey", credential=credential).status_code == 403
    assert sign_in(server, device)[1].status_code == 200


@pytest.mark.parametrize(
    ("change", "value"),
    [("origin", "https://attacker.example"), ("rp_id", "attacker.example"), ("flags", 0x01)],
)
def test_an_answer_for_another_site_or_without_the_person_is_refused(
    server: Server, device: Authenticator, change: str, value: object
) -> None:
    set_up(server, device)
    setattr(device, change, value)
    assert sign_in(server, device)[1].status_code == 403


def test_a_stranger_or_a_copied_passkey_does_not_sign_in(
    server: Server, device: Authenticator
) -> None:
    set_up(server, device)
    assert sign_in(server, Authenticator(named(server)))[1].status_code == 403
    sign_in(server, device)
    device.count = 0
    assert sign_in(server, device)[1].status_code == 403


@pytest.mark.parametrize("credential", ["", "{}", "[]", '{"response": {"clientDataJSON": "e30"}}'])
def test_rubbish_is_no_passkey(server: Server, credential: str) -> None:
    browser = Browser(named(server))
    assert browser.post("/login/passkey", credential=credential).status_code == 403


def test_an_offer_is_good_for_minutes(server: Server, device: Authenticator) -> None:
    set_up(server, device)
    passkeys = Passkeys(server.store.database)
    place = Place("localhost", named(server))
    browser = Browser(named(server))
    credential = device.get(browser.post("/login/passkey/options").json())
    later = now() + CHALLENGE_SECONDS + 1
    assert passkeys.check_assertion(place, credential, later) is None


def test_the_owner_adds_and_removes_passkeys_but_never_the_last_way_in(
    server: Server, device: Authenticator
) -> None:
    set_up(server, device)
    browser, _ = sign_in(server, device)
    other = Authenticator(named(server))
    options = browser.post("/account/passkeys/options").json()
    assert [known["id"] for known in options["excludeCredentials"]]
    added = browser.post("/account/passkeys", credential=other.create(options), label="<Phone>")
    assert added.json() == {"next": "/account"}
    page = browser.get("/account").text
    assert "Laptop" in page
    assert "&lt;Phone&gt;" in page
    gone = browser.post("/account/passkeys/remove", passkey=name_of(other))
    assert "Phone" not in gone.text
    last = browser.post("/account/passkeys/remove", passkey=name_of(device))
    assert last.status_code == 422
    assert sign_in(server, other)[1].status_code == 403
    assert sign_in(server, device)[1].status_code == 200


def test_who_signed_in_a_while_ago_cannot_change_how_they_sign_in(server: Server) -> None:
    login = new_login()
    browser = signed_in(server, "reviewer", login=login)
    with server.store.database.connection() as db:
        staff_id = find_id(db, login)
    token = Sessions(server.store.database).begin(staff_id, now() - FRESH - 1)
    browser.session.cookies.set("desk", token, domain="127.0.0.1", path="/")
    assert browser.post("/account/passkeys/options").status_code == 403
    assert browser.post("/account/password", password="x").status_code == 403


def test_opened_by_a_bare_address_there_are_no_passkeys(server: Server) -> None:
    browser = Browser(server.url)
    assert browser.post("/login/passkey/options").status_code == 404
    assert "data-passkey" not in browser.get("/login").text

"""Signing in: by set-up link, password and code; who guesses waits, who goes is forgotten."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyotp
import pytest
import requests

from registrar.desk.accounts import find_id, set_disabled
from registrar.desk.limits import BY_ACCOUNT, WINDOW, Limits, TooManyAttempts
from registrar.desk.login_pages import own_path
from registrar.desk.sessions import IDLE, LONGEST, Sessions
from registrar.serve import Server
from registrar.store import Store
from tests.desk import Browser, employ, new_login, now, signed_in

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("desk") / "registrar") as serving:
        yield serving


class Person(NamedTuple):
    """Somebody who has set their account up."""

    login: str
    codes: pyotp.TOTP
    browser: Browser
    answer: requests.Response
    """What came of setting up."""

    def sign_in(self, **fields: str) -> requests.Response:
        """Sign in, in another browser; `fields` are not as they should be."""
        right = {"login": self.login, "password": PASSWORD, "code": self.codes.now()}
        return Browser(self.browser.url).post("/login", **(right | fields))


def set_up(server: Server, **fields: str) -> Person:
    """Set an account up by its link; `fields` are not as they should be."""
    login = new_login()
    token = employ(server.store, "reviewer", login=login)
    browser = Browser(server.url)
    found = re.search(r"<code>([A-Z2-7]+)</code>", browser.get(f"/setup/{token}").text)
    assert found is not None
    codes = pyotp.TOTP(found[1])
    given = {"password": PASSWORD, "again": PASSWORD, "code": codes.now(), **fields}
    return Person(login, codes, browser, browser.post(f"/setup/{token}", **given))


@pytest.fixture(scope="module")
def person(server: Server) -> Person:
    return set_up(server)


def test_nobody_sees_a_page_before_signing_in(server: Server) -> None:
    answer = Browser(server.url).get("/?page=2")
    assert answer.url.endswith("/login?next=/%3Fpage%3D2")
    assert "动态码" in answer.text


def test_a_set_up_link_sets_up_once_and_signs_in(server: Server, person: Person) -> None:
    assert person.answer.url == server.url
    assert person.login.title() in person.answer.text
    token = person.answer.history[0].url.rpartition("/")[2]
    assert person.browser.get(f"/setup/{token}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"password": "short", "again": "short"}, "密码太短"),
        ({"password": "anna anna anna", "again": "anna anna anna"}, "容易被猜到"),
        ({"again": "another"}, "两次输入的密码不同"),
        ({"code": "000000"}, "动态码不是"),
    ],
)
def test_a_set_up_that_lacks_something_changes_nothing(
    server: Server, fields: dict[str, str], told: str
) -> None:
    person = set_up(server, **fields)
    assert person.answer.status_code == 422
    assert told in person.answer.text
    assert person.browser.get("/").url.startswith(f"{server.url}login")


def test_password_and_code_sign_in_and_each_code_is_good_once(
    server: Server, person: Person
) -> None:
    code = person.codes.now()
    assert person.sign_in(login=person.login.upper(), code=code).url == server.url
    refused = person.sign_in(code=code)
    assert refused.status_code == 403
    assert "每个动态码只能用一次" in refused.text


@pytest.mark.parametrize("what", ["password", "code", "login"])
def test_which_of_the_three_was_wrong_is_not_told(person: Person, what: str) -> None:
    answer = person.sign_in(**{what: "123456"})
    assert answer.status_code == 403
    assert "不符" in answer.text


def test_who_guesses_waits_also_with_the_right_password(server: Server, person: Person) -> None:
    limits, key = Limits(server.store.database), f"login {person.login}"
    limits.forget(key)
    for _ in range(BY_ACCOUNT):
        limits.count({key: BY_ACCOUNT}, now())
    answer = person.sign_in()
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= WINDOW


def test_attempts_are_forgotten_after_a_while(tmp_path: Path) -> None:
    limits = Limits(Store(tmp_path).database)
    limits.count({"login anna": 1}, 1000.0)
    with pytest.raises(TooManyAttempts) as told:
        limits.count({"login anna": 1}, 1001.0)
    assert told.value.seconds == WINDOW - 1
    limits.count({"login anna": 1}, 1001.0 + WINDOW)


def test_who_is_idle_or_there_too_long_is_signed_out(server: Server) -> None:
    login = new_login()
    employ(server.store, "reviewer", login=login)
    with server.store.database.connection() as db:
        staff_id = find_id(db, login)
    sessions = Sessions(server.store.database)
    token = sessions.begin(staff_id, 0.0)
    at = 0.0
    while at < LONGEST:
        assert sessions.find(token, at) is not None
        at += IDLE - 1
    assert sessions.find(token, at) is None
    assert sessions.find(sessions.begin(staff_id, 0.0), IDLE + 1) is None


def test_who_signs_out_or_is_disabled_is_out(server: Server) -> None:
    browser = signed_in(server, "reviewer")
    assert browser.post("/logout").url.endswith("/login")
    assert browser.get("/").url.startswith(f"{server.url}login")
    other = signed_in(server, "reviewer", login="bo")
    assert other.get("/").status_code == 200
    with server.store.database.transaction() as db:
        set_disabled(db, "bo", True)
    assert other.get("/").url.startswith(f"{server.url}login")


def test_the_cookie_is_for_this_sites_own_pages_and_no_script(person: Person) -> None:
    cookie = person.answer.history[0].headers["Set-Cookie"].partition("desk=")[2]
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in cookie


def test_a_form_from_another_site_is_refused(server: Server) -> None:
    browser = signed_in(server, "reviewer")
    forged = browser.session.post(
        f"{server.url}logout",
        data={"csrf": browser.csrf()},
        headers={"Origin": "https://attacker.example"},
        timeout=10,
    )
    assert forged.status_code == 403
    assert browser.post("/logout", csrf="another").status_code == 403
    assert browser.get("/").url == server.url


@pytest.mark.parametrize(
    "path",
    ["//attacker.example", "https://attacker.example", "/\\attacker.example", "javascript:1"],
)
def test_nobody_is_sent_to_another_site(path: str) -> None:
    assert own_path(path) == "/"


def test_the_language_is_the_browsers_until_the_person_chooses(server: Server) -> None:
    stranger = Browser(server.url)
    assert "Sign in" in stranger.get("/login", **{"Accept-Language": "en-GB,en"}).text
    assert "登录" in stranger.get("/login").text
    assert "Sign in" in stranger.post("/login/language", language="en", next="/login").text
    browser = signed_in(server, "reviewer")
    assert '<html lang="zh-CN">' in browser.get("/").text
    assert '<html lang="en">' in browser.post("/language", language="en", next="/").text

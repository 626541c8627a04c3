"""Staff before a running registrar, for the tests of its pages: browsers that only ask."""

import itertools
import re
from datetime import UTC, datetime

import requests

from registrar.desk.access import Role
from registrar.desk.accounts import add_staff, find_id, make_setup_link
from registrar.desk.sessions import Sessions
from registrar.desk.words import Language
from registrar.serve import Server
from registrar.store import Store


class Browser:
    """Somebody's browser; it keeps cookies, and follows where it is sent."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.session = requests.Session()
        self.session.trust_env = False
        self._csrf: dict[str, str] = {}

    def get(self, path: str = "/", **headers: str) -> requests.Response:
        """Ask for a page."""
        return self.session.get(self.url + path, headers=headers, timeout=10)

    def post(self, path: str, **fields: str) -> requests.Response:
        """Send a form as the page would: with the token that stands in it, unless one is given."""
        form = {"csrf": self.csrf(), **fields}
        return self.session.post(self.url + path, data=form, timeout=20)

    def upload(self, path: str, name: str, data: bytes, **fields: str) -> requests.Response:
        """Send a form with a file."""
        return self.session.post(
            self.url + path,
            data={"csrf": self.csrf(), **fields},
            files={"file": (name, data)},
            timeout=20,
        )

    def csrf(self) -> str:
        """The token that stands in this person's pages."""
        signed = self.session.cookies.get("desk") or ""
        if signed not in self._csrf:
            self._csrf[signed] = self._read_csrf() if signed else ""
        return self._csrf[signed]

    def _read_csrf(self) -> str:
        found = re.search(r'data-csrf="([^"]+)"', self.get().text)
        return "" if found is None else found[1]


def now() -> float:
    """This machine's time, in seconds since 1970."""
    return datetime.now(UTC).timestamp()


_NUMBERS = itertools.count(1)


def new_login() -> str:
    """A login that nobody has."""
    return f"anna{next(_NUMBERS)}"


def employ(
    store: Store,
    *roles: Role,
    login: str = "",
    language: Language = "zh-CN",
    institution: str | None = None,
) -> str:
    """Make an account; the token of its set-up link."""
    login = login or new_login()
    with store.database.transaction() as db:
        add_staff(db, login, login.title(), roles, language, now(), institution)
        return make_setup_link(db, login, now())


def signed_in(
    server: Server,
    *roles: Role,
    login: str = "",
    language: Language = "zh-CN",
    institution: str | None = None,
) -> Browser:
    """A browser in which somebody with these roles is signed in; as if by passkey."""
    login = login or new_login()
    employ(server.store, *roles, login=login, language=language, institution=institution)
    with server.store.database.connection() as db:
        staff_id = find_id(db, login)
    browser = Browser(server.url)
    token = Sessions(server.store.database).begin(staff_id, now())
    browser.session.cookies.set("desk", token, domain="127.0.0.1", path="/")
    return browser

"""`registrar staff`: who may sign in at the desk, and as what."""

import argparse
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from registrar.commands.parsers import PORT, Subparsers, institution_code

if TYPE_CHECKING:
    from sqlalchemy import Connection

ROLES = ("reviewer", "registrar", "technician", "auditor")
"""As `registrar.desk.access` has them: the parser loads no pages."""

LANGUAGES = ("zh-CN", "en")


def add_to(commands: Subparsers, data: argparse.ArgumentParser) -> None:
    """Declare the command and its actions; `data` declares the data folder."""
    actions = commands.add_parser("staff", help="say who may sign in, and as what").add_subparsers(
        required=True, metavar="ACTION"
    )
    url = argparse.ArgumentParser(add_help=False)
    url.add_argument(
        "--url",
        default=f"http://localhost:{PORT}/",
        help="how staff reach the registrar (default: %(default)s)",
    )

    add = actions.add_parser(
        "add", parents=[data, url], help="make an account; prints a link that sets it up"
    )
    add.add_argument("login", metavar="LOGIN", type=_login)
    add.add_argument("--name", required=True, help="as it stands on the pages")
    add.add_argument("--role", required=True, action="append", choices=ROLES, dest="roles")
    add.add_argument("--language", default="zh-CN", choices=LANGUAGES)
    add.add_argument(
        "--institution",
        metavar="CODE",
        type=institution_code,
        help="they see and act on this institution's alone (default: on all)",
    )
    add.set_defaults(command=add_account)

    list_ = actions.add_parser("list", parents=[data], help="list the accounts")
    list_.set_defaults(command=list_accounts)

    disable = actions.add_parser("disable", parents=[data], help="let somebody sign in no more")
    disable.add_argument("login", metavar="LOGIN")
    disable.set_defaults(command=disable_account)

    reset = actions.add_parser(
        "reset", parents=[data, url], help="have somebody set their account up anew"
    )
    reset.add_argument("login", metavar="LOGIN")
    reset.add_argument("--role", action="append", choices=ROLES, dest="roles", help="new roles")
    of = reset.add_mutually_exclusive_group()
    of.add_argument(
        "--institution", metavar="CODE", type=institution_code, help="from now on for this one"
    )
    of.add_argument("--all-institutions", action="store_true", help="from now on for all")
    reset.set_defaults(command=reset_account)


def add_account(arguments: argparse.Namespace) -> int:
    """Make an account, and print the link by which its owner chooses how to sign in."""
    from registrar.desk.accounts import add_staff, make_setup_link
    from registrar.store import Store

    store = Store(arguments.data)
    now, login = _now(), arguments.login
    with store.database.transaction() as db:
        add_staff(
            db,
            login,
            arguments.name,
            arguments.roles,
            arguments.language,
            now.timestamp(),
            arguments.institution,
        )
        token = make_setup_link(db, login, now.timestamp())
        whose = arguments.institution or "all"
        _note(db, "staff.add", login, roles=sorted(set(arguments.roles)), institution=whose)
    _print_link(arguments.url, token, arguments.name)
    return 0


def list_accounts(arguments: argparse.Namespace) -> int:
    """Print the accounts as a table."""
    from rich.console import Console
    from rich.table import Table

    from registrar.desk.accounts import list_staff
    from registrar.store import Store

    table = Table("login", "name", "roles", "institution", "signs in by", "passkeys")
    with Store(arguments.data).database.connection() as db:
        for staff in list_staff(db):
            ways = ["password"] * staff.has_password + ["passkey"] * bool(staff.passkeys)
            signs_in = "disabled" if staff.disabled else ", ".join(ways) or "not set up"
            roles = ", ".join(sorted(staff.roles))
            whose, passkeys = staff.institution or "all", str(staff.passkeys)
            table.add_row(staff.login, staff.name, roles, whose, signs_in, passkeys)
    Console().print(table)
    return 0


def disable_account(arguments: argparse.Namespace) -> int:
    """Let an account sign in no more; whoever is signed in by it is signed out."""
    from registrar.desk.accounts import set_disabled
    from registrar.store import Store

    with Store(arguments.data).database.transaction() as db:
        set_disabled(db, arguments.login, True)
        _note(db, "staff.disable", arguments.login)
    print(f"staff {arguments.login}: signs in no more; registrar staff reset makes it usable again")
    return 0


def reset_account(arguments: argparse.Namespace) -> int:
    """Take away how an account signs in, and print the link that sets it up anew."""
    from registrar.desk.accounts import find_staff, make_setup_link, set_disabled, set_roles
    from registrar.store import Store

    with Store(arguments.data).database.transaction() as db:
        before = find_staff(db, arguments.login)
        set_disabled(db, arguments.login, False)
        roles = frozenset(arguments.roles or before.roles)
        kept = None if arguments.all_institutions else before.institution
        institution = arguments.institution or kept
        set_roles(db, arguments.login, roles, institution)
        token = make_setup_link(db, arguments.login, _now().timestamp())
        whose = institution or "all"
        _note(db, "staff.reset", arguments.login, roles=sorted(roles), institution=whose)
    _print_link(arguments.url, token, arguments.login)
    return 0


def _note(db: "Connection", action: str, login: str, **detail: list[str] | str) -> None:
    """Write into the audit log what was done here, by whom the system says it was."""
    import getpass

    from registrar import audit

    user = getpass.getuser()
    audit.append(db, _now(), "command", action, f"staff {login}", user=user, **detail)


def _now() -> datetime:
    return datetime.now(UTC)


def _login(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._@-]{0,62}", text):
        raise argparse.ArgumentTypeError(
            f"{text!r}: a login has letters a to z, digits and . _ @ - only, 63 at most"
        )
    return text


def _print_link(url: str, token: str, whose: str) -> None:
    print(f"{url.rstrip('/')}/setup/{token}")
    print(
        f"registrar: bring this link to {whose} by a way that nobody else reads; it is good once,"
        " for 24 hours",
        file=sys.stderr,
    )

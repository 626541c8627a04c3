"""`registrar staff`: accounts are made, listed, disabled and reset on the command line."""

import re
from pathlib import Path
from typing import TypeAlias

import pytest

from registrar import audit
from registrar.cli import main
from registrar.commands import staff
from registrar.desk.access import ROLES
from registrar.desk.accounts import Accounts, find_staff
from registrar.desk.words import LANGUAGES
from registrar.store import Store
from tests.desk import now

Output: TypeAlias = pytest.CaptureFixture[str]


def run(data: Path, *words: str) -> int:
    return main(["staff", words[0], "--data", str(data), *words[1:]])


def add(data: Path, login: str = "anna") -> int:
    return run(data, "add", login, "--name", "安娜", "--role", "reviewer", "--role", "auditor")


def test_an_account_is_made_with_a_link_that_sets_it_up(tmp_path: Path, capsys: Output) -> None:
    assert add(tmp_path) == 0
    told = capsys.readouterr()
    found = re.fullmatch(r"http://localhost:8760/setup/(\S{32})\n", told.out)
    assert found is not None
    assert "good once" in told.err
    store = Store(tmp_path)
    owner = Accounts(store.database, bytes(32)).setup_owner(found[1], now())
    assert owner is not None
    assert (owner.login, owner.name) == ("anna", "安娜")
    assert owner.roles == {"reviewer", "auditor"}
    with store.database.connection() as db:
        (entry,) = audit.page(db, 10)
    assert (entry.actor, entry.action, entry.subject) == ("command", "staff.add", "staff anna")


def test_a_login_is_somebodys_once(tmp_path: Path, capsys: Output) -> None:
    add(tmp_path)
    assert add(tmp_path) == 2
    assert "staff anna: there is one already" in capsys.readouterr().err


def test_accounts_are_listed_with_how_they_sign_in(tmp_path: Path, capsys: Output) -> None:
    add(tmp_path)
    run(tmp_path, "disable", "anna")
    add(tmp_path, "bo")
    capsys.readouterr()
    assert run(tmp_path, "list") == 0
    told = capsys.readouterr().out
    assert re.search(r"anna.*auditor, reviewer.*disabled", told)
    assert re.search(r"bo.*not set up", told)


def test_a_reset_makes_a_new_link_and_the_one_before_good_for_nothing(
    tmp_path: Path, capsys: Output
) -> None:
    add(tmp_path)
    first = capsys.readouterr().out.strip().rpartition("/")[2]
    assert run(tmp_path, "reset", "anna", "--role", "technician") == 0
    second = capsys.readouterr().out.strip().rpartition("/")[2]
    accounts = Accounts(Store(tmp_path).database, bytes(32))
    assert accounts.setup_owner(first, now()) is None
    owner = accounts.setup_owner(second, now())
    assert owner is not None
    assert owner.roles == {"technician"}


def test_an_account_may_be_one_institutions(tmp_path: Path, capsys: Output) -> None:
    who = ("lu", "--name", "陆", "--role", "reviewer", "--institution")
    assert run(tmp_path, "add", *who, "10001") == 0
    assert (
        run(tmp_path, "add", "eva", *who[1:3], "--role", "auditor", "--institution", "10001") == 2
    )
    assert "the audit log is of all institutions" in capsys.readouterr().err
    for words, whose in (
        (("reset", "lu", "--role", "registrar"), "10001"),
        (("reset", "lu", "--institution", "10002"), "10002"),
        (("reset", "lu", "--all-institutions"), None),
    ):
        assert run(tmp_path, *words) == 0
        with Store(tmp_path).database.connection() as db:
            assert find_staff(db, "lu").institution == whose
    with pytest.raises(SystemExit) as left:
        run(tmp_path, "add", "bo", *who[1:], "1")
    assert left.value.code == 2


@pytest.mark.parametrize("action", ["disable", "reset"])
def test_a_login_that_nobody_has_is_named(tmp_path: Path, capsys: Output, action: str) -> None:
    assert run(tmp_path, action, "nobody") == 2
    assert "staff nobody: there is none" in capsys.readouterr().err


@pytest.mark.parametrize("login", ["Anna", "a b", "../x", ""])
def test_a_login_that_cannot_be_typed_is_wrong_use(tmp_path: Path, login: str) -> None:
    with pytest.raises(SystemExit) as left:
        add(tmp_path, login)
    assert left.value.code == 2


def test_the_command_knows_the_roles_and_languages_that_there_are() -> None:
    assert staff.ROLES == ROLES
    assert staff.LANGUAGES == LANGUAGES

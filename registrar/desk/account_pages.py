"""Somebody's own account: how they sign in, and from where they are signed in."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import JSONResponse

from registrar import audit
from registrar.desk.accounts import end_sessions, set_password
from registrar.desk.frame import Desk
from registrar.desk.passkeys import Passkeys, find_place, remove_passkey
from registrar.desk.passwords import find_password_fault, hash_password
from registrar.desk.requests import NotServed, Signed
from registrar.desk.setup_pages import LABEL_LETTERS


def account_routes(desk: Desk) -> APIRouter:
    """Make the routes of one's own account.

    How somebody signs in is changed only soon after signing in: who comes upon an open browser
    keeps no way in.
    """
    router = APIRouter(prefix="/account")
    passkeys = Passkeys(desk.store.database)
    Own = Annotated[Signed, Depends(desk.needs("account"))]  # noqa: N806 - a type

    def show(
        request: Request, signed: Signed, fault: str | None = None, done: str | None = None
    ) -> Response:
        mine = [
            (key.label, datetime.fromtimestamp(key.made_at, UTC), _name(key.credential_id))
            for key in passkeys.of(signed.staff.staff_id)
        ]
        return desk.page(
            request,
            "account.html",
            signed,
            status=200 if fault is None else 422,
            passkeys=mine,
            is_fresh=signed.session.is_fresh(desk.now().timestamp()),
            has_place=find_place(request) is not None,
            fault=fault,
            done=done,
        )

    def check_fresh(signed: Signed) -> None:
        if not signed.session.is_fresh(desk.now().timestamp()):
            raise NotServed("not_fresh")

    @router.get("")
    def account(request: Request, signed: Own) -> Response:
        return show(request, signed)

    @router.post("/password")
    def change_password(request: Request, signed: Own) -> Response:
        check_fresh(signed)
        password, staff = signed.form.text("password"), signed.staff
        fault = find_password_fault(password, staff.login)
        if fault is None and password != signed.form.text("again"):
            fault = "setup.password_differs"
        if fault is not None or not staff.has_password:
            return show(request, signed, fault or "account.no_password")
        hashed = hash_password(password)
        with desk.store.database.transaction() as db:
            set_password(db, staff.staff_id, hashed)
            audit.append(db, desk.now(), staff.login, "password.change", f"staff {staff.login}")
        return show(request, signed, done="account.password_changed")

    @router.post("/passkeys/options")
    def passkey_options(request: Request, signed: Own) -> Response:
        check_fresh(signed)
        place = find_place(request)
        if place is None:
            raise NotServed("missing")
        offer = passkeys.offer_registration(place, signed.staff, desk.now().timestamp())
        return Response(offer, media_type="application/json")

    @router.post("/passkeys")
    def add_passkey(request: Request, signed: Own) -> Response:
        check_fresh(signed)
        place, now, staff = find_place(request), desk.now(), signed.staff
        if place is None:
            raise NotServed("missing")
        credential = signed.form.text("credential", 20_000)
        label = signed.form.text("label", LABEL_LETTERS)
        with desk.store.database.transaction() as db:
            if not passkeys.register(db, place, staff, credential, label, now.timestamp()):
                return JSONResponse({"fault": "wrong"}, 422)
            audit.append(db, now, staff.login, "passkey.add", f"staff {staff.login}", label=label)
        return JSONResponse({"next": "/account"})

    @router.post("/passkeys/remove")
    def drop_passkey(request: Request, signed: Own) -> Response:
        check_fresh(signed)
        staff = signed.staff
        if staff.passkeys == 1 and not staff.has_password:
            return show(request, signed, "account.last_passkey")
        try:
            credential_id = urlsafe_b64decode(signed.form.text("passkey", 2000))
        except (Base64Error, ValueError) as error:
            raise NotServed("malformed") from error
        with desk.store.database.transaction() as db:
            if not remove_passkey(db, staff.staff_id, credential_id):
                raise NotServed("missing")
            audit.append(db, desk.now(), staff.login, "passkey.remove", f"staff {staff.login}")
        return desk.go("/account")

    @router.post("/sessions/end")
    def leave_everywhere(request: Request, signed: Own) -> Response:
        with desk.store.database.transaction() as db:
            end_sessions(db, signed.staff.staff_id)
            audit.append(
                db, desk.now(), signed.staff.login, "staff.sign_out", f"staff {signed.staff.login}"
            )
        return desk.go("/login")

    return router


def _name(credential_id: bytes) -> str:
    return urlsafe_b64encode(credential_id).decode()

"""Setting an account up by a one-time link: a passkey, or a password with one-time codes."""

from typing import Annotated

import pyotp
import zxingcpp
from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import JSONResponse

from registrar import audit
from registrar.desk import one_time
from registrar.desk.accounts import Staff, set_password
from registrar.desk.frame import Desk
from registrar.desk.login_pages import AnybodysForm, sign_in
from registrar.desk.passkeys import Passkeys, find_place
from registrar.desk.passwords import find_password_fault, hash_password
from registrar.desk.requests import NotServed

QUIET = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""

LABEL_LETTERS = 60
"""Of a passkey's name."""


def setup_routes(desk: Desk) -> APIRouter:
    """Make the routes of a set-up link; whoever has it is whom it was made for."""
    router = APIRouter(prefix="/setup")
    passkeys = Passkeys(desk.store.database)

    def find_owner(token: str) -> Staff:
        """The dependency that finds whose link it is. Raises NotServed."""
        owner = desk.accounts.setup_owner(token, desk.now().timestamp())
        if owner is None:
            raise NotServed("missing")
        return owner

    Owner = Annotated[Staff, Depends(find_owner)]  # noqa: N806 - a type

    def show(request: Request, token: str, owner: Staff, fault: str | None = None) -> Response:
        secret = desk.accounts.setup_secret(token)
        return desk.page(
            request,
            "setup.html",
            None,
            status=200 if fault is None else 422,
            owner=owner,
            token=token,
            secret=secret,
            code=draw_code(otp_address(owner.login, secret)),
            fault=fault,
            has_passkeys=find_place(request) is not None,
        )

    def done(db: Connection, token: str, owner: Staff, way: str) -> bool:
        now = desk.now()
        if one_time.take(db, "setup", token.encode(), now.timestamp()) is None:
            return False
        audit.append(db, now, owner.login, "staff.set_up", f"staff {owner.login}", way=way)
        return True

    @router.get("/{token}")
    def setup_page(request: Request, token: str, owner: Owner) -> Response:
        return show(request, token, owner)

    @router.post("/{token}")
    def set_up_password(request: Request, token: str, owner: Owner, form: AnybodysForm) -> Response:
        password, now = form.text("password"), desk.now().timestamp()
        secret = desk.accounts.setup_secret(token)
        fault = find_password_fault(password, owner.login)
        if fault is None and password != form.text("again"):
            fault = "setup.password_differs"
        if fault is None and not desk.accounts.is_code(secret, form.text("code"), now):
            fault = "setup.code_wrong"
        if fault is not None:
            return show(request, token, owner, fault)
        hashed, sealed = hash_password(password), desk.accounts.seal_secret(secret)
        with desk.store.database.transaction() as db:
            set_password(db, owner.staff_id, hashed, sealed)
            if not done(db, token, owner, "password"):
                raise NotServed("missing")
        return sign_in(desk, request, owner, desk.go("/"), "setup")

    @router.post("/{token}/passkey/options")
    def passkey_options(request: Request, owner: Owner, form: AnybodysForm) -> Response:
        place = find_place(request)
        if place is None:
            raise NotServed("missing")
        options = passkeys.offer_registration(place, owner, desk.now().timestamp())
        return Response(options, media_type="application/json")

    @router.post("/{token}/passkey")
    def set_up_passkey(request: Request, token: str, owner: Owner, form: AnybodysForm) -> Response:
        place, now = find_place(request), desk.now().timestamp()
        if place is None:
            raise NotServed("missing")
        credential, label = form.text("credential", 20_000), form.text("label", LABEL_LETTERS)
        with desk.store.database.transaction() as db:
            if not passkeys.register(db, place, owner, credential, label, now):
                return JSONResponse({"fault": "wrong"}, 422)
            if not done(db, token, owner, "passkey"):
                raise NotServed("missing")
        return sign_in(desk, request, owner, JSONResponse({"next": "/"}), "setup")

    return router


def otp_address(login: str, secret: str) -> str:
    """What an authenticator app reads from the code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Registrar")


def draw_code(text: str) -> Markup:
    """Draw a QR code as SVG that a page may show at any size, with the quiet zone that it needs."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    svg = zxingcpp.write_barcode_to_svg(code, scale=1, add_quiet_zones=False)
    size, _, shapes = svg.partition('<svg width="')[2].partition('"')
    shapes = shapes.partition(">")[2].removesuffix("</svg>\n")
    side = int(size) + 2 * QUIET
    box = f"-{QUIET} -{QUIET} {side} {side}"
    return Markup(f'<svg viewBox="{box}" xmlns="http://www.w3.org/2000/svg">{shapes}</svg>')

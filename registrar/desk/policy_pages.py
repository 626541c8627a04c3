"""How each institution has photos reviewed, and how often replaced: shown, and set by who may."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from registrar.admission import RESUBMISSIONS
from registrar.configuration import set_for_booths, settings_of
from registrar.desk.figures import institutions
from registrar.desk.frame import Desk
from registrar.desk.requests import Signed
from registrar.errors import UsageError
from registrar.photo_history import SETTING
from registrar.photo_state import Policy
from registrar.review_policy import ALL_OTHERS


def policy_routes(desk: Desk) -> APIRouter:
    """Make the routes of the review policies."""
    router = APIRouter()

    @router.get("/policies")
    def policies(
        request: Request,
        signed: Annotated[Signed, Depends(desk.needs("policy"))],
        done: Annotated[bool, Query()] = False,
    ) -> Response:
        return _show(desk, request, signed, done=done)

    @router.post("/policies")
    def set_policy(
        request: Request, signed: Annotated[Signed, Depends(desk.needs("policy"))]
    ) -> Response:
        code = signed.within(signed.form.text("institution_code")) or ALL_OTHERS
        persons = signed.form.text("persons")
        share = signed.form.text("share")
        is_right = re.fullmatch(r"([0-9]{5})?", code) and persons in ("1", "2")
        if not is_right or not re.fullmatch(r"[0-9]{1,3}([.][0-9]{1,2})?", share):
            return _show(desk, request, signed, fault="policy.wrong")
        if float(share) > 100:
            return _show(desk, request, signed, fault="policy.wrong")
        policy = Policy(int(persons), float(share) / 100)
        desk.store.policies.set(code, policy, signed.staff.login, desk.now())
        return desk.go("/policies?done=true")

    @router.post("/policies/resubmissions")
    def set_resubmissions(
        request: Request, signed: Annotated[Signed, Depends(desk.needs("policy"))]
    ) -> Response:
        code = signed.within(signed.form.text("institution_code")) or ""
        number = signed.form.text("resubmissions")
        if not re.fullmatch(r"[0-9]{5}", code) or not re.fullmatch(r"[0-9]{0,2}", number):
            return _show(desk, request, signed, fault="policy.resubmissions_wrong")
        try:
            with desk.store.database.transaction() as db:
                by = signed.staff.login
                set_for_booths(db, code, SETTING, number, by, desk.now())
        except UsageError:
            return _show(desk, request, signed, fault="policy.resubmissions_wrong")
        return desk.go("/policies?done=true")

    return router


def _show(
    desk: Desk, request: Request, signed: Signed, *, done: bool = False, fault: str = ""
) -> Response:
    own = (signed.institution, ALL_OTHERS)
    policies = {
        code: policy
        for code, policy in desk.store.policies.all().items()
        if signed.institution is None or code in own
    }
    with desk.store.database.connection() as db:
        names = institutions(db, signed.institution)
        said = {code: settings_of(db, code).resubmissions for code, _ in names}
    status = 400 if fault else 200
    return desk.page(
        request,
        "policies.html",
        signed,
        status=status,
        policies=policies,
        institutions=names,
        resubmissions={code: number for code, number in said.items() if number is not None},
        usual_resubmissions=RESUBMISSIONS,
        done=done,
        fault=fault,
    )

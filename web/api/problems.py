"""Every error as a program meets it: application/problem+json (RFC 9457), with all reasons in one answer."""

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from engine.model.errors import Error, Refused
from engine.model.reasons import Reason
from web.api.bearer import ScopeMissing, TokenMissing
from web.api.shapes import ProblemOut, ReasonOut
from web.problems import Told, line_of, told_logged, told_status

MEDIA: Final = "application/problem+json"
POSSIBLE: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ProblemOut, "content": {MEDIA: {}}, "description": words}
    for status, words in {
        400: "内容不对",
        401: "没有出示有效的访问令牌",
        403: "不归此人办理，或令牌没有这项用途",
        404: "没有，或不归此人查看",
        409: "别人已先办理，或操作编号已用于别的内容",
        413: "内容太大",
        422: "不能办：写明全部理由",
        503: "暂时办不了，可稍后再试",
    }.items()
}


def problem(told: Told, name: str, reasons: list[ReasonOut] | None = None) -> JSONResponse:
    """An answer that says what went wrong; `name` is what a program tells it by."""
    found = ProblemOut(
        type=f"urn:duban:problem:{name}",
        title=told.title,
        status=told.status,
        detail=told.text,
        hint=told.hint,
        reasons=reasons or [ReasonOut(code="", text=line.text, hint=line.hint) for line in told.lines],
    )
    headers = {"WWW-Authenticate": "Bearer"} if told.status == 401 else None
    return JSONResponse(found.model_dump(), told.status, headers, MEDIA)


def handle_errors(api: FastAPI) -> None:
    """Have every error of the interface answered as a problem."""
    api.add_exception_handler(Error, _failed)
    api.add_exception_handler(TokenMissing, _token_missing)
    api.add_exception_handler(ScopeMissing, _scope_missing)
    api.add_exception_handler(HTTPException, _http_error)
    api.add_exception_handler(RequestValidationError, _unreadable)
    api.add_exception_handler(Exception, _failed)


def reason_out(given: Reason) -> ReasonOut:
    """A reason as programs are told it."""
    line = line_of(given)
    return ReasonOut(code=given.code.value, text=line.text, hint=line.hint)


def reasons_of(error: Refused) -> list[ReasonOut]:
    """Every reason of a refusal."""
    return list(map(reason_out, error.reasons))


def _failed(request: Request, error: Exception) -> JSONResponse:
    name = type(error).__name__.lower() if isinstance(error, Error) else "defect"
    reasons = reasons_of(error) if isinstance(error, Refused) else None
    return problem(told_logged(request, error), name, reasons)


def _token_missing(_request: Request, _error: Exception) -> JSONResponse:
    hint = "请用 duban token make 建立访问令牌，在 Authorization: Bearer 之后出示"
    return problem(Told(401, "没有办成", "没有出示访问令牌，或令牌已失效", (), hint), "token")


def _scope_missing(_request: Request, error: Exception) -> JSONResponse:
    scope = error.scope.value if isinstance(error, ScopeMissing) else ""
    said = Told(403, "没有办成", f"这个访问令牌没有“{scope}”这项用途", (), "请另建一个有此用途的访问令牌")
    return problem(said, "scope")


def _http_error(_request: Request, error: Exception) -> JSONResponse:
    return problem(told_status(error.status_code if isinstance(error, HTTPException) else 500), "http")


def _unreadable(_request: Request, error: Exception) -> JSONResponse:
    wrong = error.errors() if isinstance(error, RequestValidationError) else []
    reasons = [
        ReasonOut(code=f"{each['type']}", text=_place(each["loc"]), hint=f"{each['msg']}") for each in wrong
    ]
    said = Told(400, "内容不对", "提交的内容读不出来", (), "请按 openapi.json 改正下列各处")
    return problem(said, "unreadable", reasons)


def _place(location: tuple[str | int, ...]) -> str:
    return ".".join(map(str, location))

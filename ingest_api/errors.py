"""FastAPI's errors in the one shape that every route answers."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ingest_api.answers import ApiError
from ingest_api.rejections import shown
from sql.database import Disconnected
from sql.sites import SiteError

_CODES = {404: "not_found", 405: "method_not_allowed"}


def install(app: FastAPI) -> None:
    """Answer every error of the routes as `{"error": {...}}`."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(SiteError, _site_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(Disconnected, _database_away)


def _response(error: ApiError) -> JSONResponse:
    headers = {name.decode(): value.decode() for name, value in error.headers}
    return JSONResponse(error.body, status_code=error.status, headers=headers)


async def _api_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return _response(error)


async def _site_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SiteError)
    return _response(ApiError(400, "invalid_parameter", str(error), field=error.field))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "refused")
    message = f"{request.method} {request.url.path}: {error.detail}"
    answer = _response(ApiError(error.status_code, code, message))
    answer.headers.update(error.headers or {})
    return answer


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = [str(part) for part in first["loc"][1:]]
    field = ".".join(place) or None
    sent = "" if first["type"] in ("missing", "json_invalid") else f" {shown(first.get('input'))}"
    message = f"{field or 'The body'}{sent}: {first['msg']}."
    return _response(ApiError(400, "invalid_parameter", message, field=field))


async def _database_away(request: Request, error: Exception) -> JSONResponse:
    return _response(ApiError(503, "unavailable", "The database does not answer.", retry_after_s=1))

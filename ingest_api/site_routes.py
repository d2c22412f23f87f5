"""Sites: made, listed, changed and deleted by machines."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ingest_api.access import caller_of_request, require_all_sites, runtime_of, visible_site
from ingest_api.answers import ApiError
from ingest_api.doors import is_origin
from sql.keys import create_site_keys
from sql.sites import Site, create_site, delete_site, list_sites, update_site
from sql.zone_changes import ZoneProgress, zone_progress

router = APIRouter(prefix="/api/v1/sites", tags=["sites"])

SiteId = Annotated[str, Path(description="Slug of the site")]


class SiteSettings(BaseModel):
    """What can be changed of a site; an absent field stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str | None = Field(default=None, min_length=1, max_length=200)
    timezone: str | None = Field(default=None, description="IANA name", examples=["Europe/Berlin"])
    currency: str | None = Field(default=None, description="ISO 4217", examples=["EUR"])
    session_gap_s: int | None = Field(default=None, ge=1, le=86_400)
    allowed_origins: list[str] | None = Field(default=None, examples=[["https://shop.example"]])
    retention_days: int | None = Field(default=None, ge=1, le=36_500)
    respects_dnt: bool | None = None
    high_value_threshold: float | None = Field(
        default=None, ge=0, le=1e15, description="Events of this value or more are high value"
    )

    def changes(self) -> dict[str, Any]:
        """Columns to set, by name; null is a value only where it means that there is none."""
        changes = {
            name: value
            for name, value in self.model_dump(exclude_unset=True, exclude={"site_id"}).items()
            if value is not None or name in ("retention_days", "high_value_threshold")
        }
        if "allowed_origins" in changes:
            changes["allowed_origins"] = [_origin(origin) for origin in changes["allowed_origins"]]
        return changes


class NewSite(SiteSettings):
    """A site to be made."""

    site_id: str = Field(description="Slug: 1 to 64 of a-z 0-9 . _ -", examples=["shop"])


class ZoneChangeAnswer(BaseModel):
    """A time zone that the site's days are being built in."""

    model_config = ConfigDict(from_attributes=True)

    timezone: str
    requested_at: datetime
    copied_events: int
    all_events: int


class SiteAnswer(BaseModel):
    """A site and its settings."""

    site_id: str
    name: str
    timezone: str
    currency: str
    session_gap_s: int
    allowed_origins: list[str]
    retention_days: int | None
    raw_from: str | None
    respects_dnt: bool
    high_value_threshold: float | None
    created_at: str
    timezone_change: ZoneChangeAnswer | None = Field(
        default=None, description="What `timezone` will be; null: nothing is under way"
    )


class CreatedSite(SiteAnswer):
    """A site with its keys by scope; they are shown this once."""

    keys: dict[str, str]


def _origin(origin: str) -> str:
    if not is_origin(origin):
        raise ApiError(
            400,
            "invalid_parameter",
            f"{origin!r} is not an origin such as https://shop.example (no path).",
            field="allowed_origins",
        )
    return origin.lower()


def _answer(site: Site, change: ZoneProgress | None = None) -> dict[str, Any]:
    return {
        "timezone_change": None if change is None else ZoneChangeAnswer.model_validate(change),
        "site_id": site.slug,
        "name": site.name,
        "timezone": site.timezone,
        "currency": site.currency,
        "session_gap_s": site.session_gap_s,
        "allowed_origins": site.allowed_origins,
        "retention_days": site.retention_days,
        "raw_from": None if site.raw_from is None else site.raw_from.isoformat(),
        "respects_dnt": site.respects_dnt,
        "high_value_threshold": site.high_value_threshold,
        "created_at": site.created_at.isoformat(),
    }


@router.post("", status_code=201, response_model=CreatedSite)
async def post_site(request: Request, new: NewSite) -> dict[str, Any]:
    """Make a site, and a collect, a read and an admin key for it."""
    require_all_sites(request)
    runtime = runtime_of(request)
    async with runtime.pool.connection() as conn:
        site = await create_site(conn, {"slug": new.site_id, **new.changes()})
        if site is None:
            raise ApiError(
                409, "site_exists", f"There is a site {new.site_id!r} already.", field="site_id"
            )
        keys = await create_site_keys(conn, site.site_id)
    await runtime.sites.refresh()
    return _answer(site) | {"keys": keys}


@router.get("")
async def get_sites(request: Request) -> dict[str, list[SiteAnswer]]:
    """The sites that the caller may see."""
    caller = caller_of_request(request)
    async with runtime_of(request).pool.connection() as conn:
        sites = [site for site in await list_sites(conn) if caller.sees(site.site_id)]
        changes = await zone_progress(conn)
    answers = [_answer(site, changes.get(site.site_id)) for site in sites]
    return {"sites": [SiteAnswer.model_validate(answer) for answer in answers]}


@router.patch("/{site_id}", response_model=SiteAnswer)
async def patch_site(request: Request, site_id: SiteId, settings: SiteSettings) -> dict[str, Any]:
    """Change a site's settings; another session gap has its sessions rebuilt within seconds.

    Another time zone has all of its days built anew beside those of now, which stand until then:
    `timezone_change` says how far that is.
    """
    await visible_site(request, site_id)
    runtime = runtime_of(request)
    async with runtime.pool.connection() as conn:
        site = await update_site(conn, site_id, settings.changes())
        progress = await zone_progress(conn)
    if site is None:
        raise ApiError(404, "unknown_site", f"There is no site {site_id!r}.", field="site_id")
    await runtime.sites.refresh()
    return _answer(site, progress.get(site.site_id))


@router.delete("/{site_id}", status_code=204, response_class=Response)
async def remove_site(request: Request, site_id: SiteId) -> Response:
    """Delete a site with everything it holds."""
    require_all_sites(request)
    await visible_site(request, site_id)
    runtime = runtime_of(request)
    async with runtime.pool.connection() as conn:
        await delete_site(conn, site_id)
    await runtime.sites.refresh()
    return Response(status_code=204)

"""What FastAPI routes ask about their caller and the site they are asked for."""

from fastapi import Request

from ingest_api.answers import ApiError
from ingest_api.doors import Caller, caller_of
from ingest_api.runtime import Runtime
from ingest_api.sites import SiteRules


def runtime_of(request: Request) -> Runtime:
    """The connections and caches of this process."""
    runtime: Runtime = request.app.state.runtime
    return runtime


def caller_of_request(request: Request) -> Caller:
    """Who asks, as the doors let them in."""
    return caller_of(request.scope)


async def visible_site(request: Request, slug: str) -> SiteRules:
    """The site of that slug; ApiError 404 when there is none, 403 when the key is for another."""
    site = await runtime_of(request).sites.find_site(slug)
    if site is None:
        raise ApiError(404, "unknown_site", f"There is no site {slug!r}.", field="site_id")
    if not caller_of_request(request).sees(site.site_id):
        raise ApiError(403, "key", f"The key is not for site {slug}.", field="site_id")
    return site


def require_all_sites(request: Request) -> None:
    """ApiError 403 unless the caller may manage every site."""
    if caller_of_request(request).site_id is not None:
        raise ApiError(403, "key", "A key that belongs to one site cannot do this.")

"""Builds the interface: an application of its own under /api/v1, with its own words for errors and its own schema."""

from fastapi import FastAPI

from web.api import acts, reads
from web.api.problems import POSSIBLE, handle_errors
from web.site import Site

PREFIX = "/api/v1"
DESCRIPTION = (
    "与网页同一套规则、同一套权限。每次请求以 Authorization: Bearer 出示访问令牌；"
    "办理动作须带 Idempotency-Key，同一编号无论发几次只办一次。"
)


def create_api(site: Site) -> FastAPI:
    """The interface of an installation."""
    made = FastAPI(
        title="duban", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None, responses=POSSIBLE
    )
    made.state.site = site
    made.include_router(reads.router)
    made.include_router(acts.router)
    handle_errors(made)
    return made

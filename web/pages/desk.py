"""The workbench, the first page of everybody."""

from fastapi import APIRouter
from starlette.responses import Response

from web.site import AnyGuest

router = APIRouter()


@router.get("/")
def workbench(guest: AnyGuest) -> Response:
    """What is to be done today."""
    return guest.page("desk.html.j2")

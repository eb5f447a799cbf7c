"""The files that pages need: Bootstrap and htmx out of their packages, and our own. Nothing comes from another host."""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

CSS, JS, SVG = "text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/svg+xml"
SOURCES: Final = {
    "bootstrap.css": ("js_lib_bootstrap5", "static/js-lib-bootstrap5/css/bootstrap.min.css", CSS),
    "bootstrap.js": ("js_lib_bootstrap5", "static/js-lib-bootstrap5/js/bootstrap.bundle.min.js", JS),
    "htmx.js": ("js_lib_htmx", "static/htmx/htmx.min.js", JS),
    "duban.css": ("web", "static/duban.css", CSS),
    "print.css": ("web", "static/print.css", CSS),
    "duban.js": ("web", "static/duban.js", JS),
    "duban.svg": ("web", "static/duban.svg", SVG),
}
"""Every file that is served under /static: its package, its place there, its type."""
FOREVER: Final = "public, max-age=31536000, immutable"
router = APIRouter()


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served. `version` changes with its bytes, so that browsers may keep it for ever."""

    content: bytes
    packed: bytes
    kind: str
    version: str


@cache
def asset(name: str) -> Asset:
    """A file of the table above. Raises KeyError."""
    package, place, kind = SOURCES[name]
    content = files(package).joinpath(place).read_bytes()
    version = sha256(content).hexdigest()[:12]
    return Asset(content, gzip.compress(content, mtime=0), kind, version)


def address_of(name: str) -> str:
    """Where pages load a file from."""
    return f"/static/{name}?v={asset(name).version}"


@router.get("/static/{name}")
def static(name: str, request: Request) -> Response:
    """One file."""
    if name not in SOURCES:
        raise HTTPException(404)
    found = asset(name)
    headers = {"cache-control": FOREVER, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers=headers | {"content-encoding": "gzip"}, media_type=found.kind)
    return Response(found.content, headers=headers, media_type=found.kind)

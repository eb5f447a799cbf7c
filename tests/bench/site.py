"""`python -m tests.bench.site PORT DATABASE`: the pages over a database, as `duban serve` serves them; or bare ones.

With a folder instead of a database: the bare framework, serving the bytes of its files by their names.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.responses import HTMLResponse

from runtime.clock import fixed_clock
from runtime.settings import Settings
from runtime.wiring import App, build
from tests.builders import NOON
from web.server import serve
from web.threads import bound_threads


def main() -> None:
    port, place = int(sys.argv[1]), Path(sys.argv[2])
    if place.is_dir():
        uvicorn.run(_bare(place), host="127.0.0.1", port=port, log_level="warning", server_header=False)
    else:
        serve(installed(place), host="127.0.0.1", port=port)


def installed(database: Path) -> App:
    """The installation around a database file, whose clock stands at the noon of the crowd."""
    aside = database.parent / "aside"
    settings = Settings(
        database=f"sqlite:///{database}", file=database, evidence=aside / "evidence", outbox=aside / "outbox"
    )
    return build(settings, clock=fixed_clock(NOON))


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    bound_threads(is_sqlite=True)
    yield


def _bare(folder: Path) -> FastAPI:
    pages = {path.name: path.read_bytes() for path in folder.iterdir()}
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)

    @made.get("/{name}")
    def page(name: str) -> HTMLResponse:
        return HTMLResponse(pages[name])

    return made


if __name__ == "__main__":
    main()

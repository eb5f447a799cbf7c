"""Serves the application of one installation with uvicorn, in this process."""

import uvicorn

from engine.model.account import SessionLimits
from runtime.passwords import Argon2Hasher
from runtime.wiring import App
from web.app import create_app

KEEP_ALIVE_SECONDS = 30


def serve(
    app: App, *, host: str, port: int, is_https: bool = False, limits: SessionLimits | None = None
) -> None:
    """Serve until interrupted. One process: several of them may serve the same database."""
    made = create_app(app, Argon2Hasher(), limits=limits, is_https=is_https)
    uvicorn.run(
        made,
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        h11_max_incomplete_event_size=32 * 1024,
    )

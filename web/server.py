"""Serves the application of one installation with uvicorn, in this process."""

import socket
from contextlib import suppress

import uvicorn

from engine.model.account import SessionLimits
from engine.model.causes import in_chinese
from engine.model.errors import Unavailable
from runtime.passwords import Argon2Hasher
from runtime.rehearsal.demo import Demo
from runtime.wiring import App
from web.app import create_app

KEEP_ALIVE_SECONDS = 30
HEAD_BYTES = 32 * 1024
WAITING = 2048


def serve(  # noqa: PLR0913 - what differs from one way of serving to another
    app: App,
    *,
    host: str,
    port: int,
    is_https: bool = False,
    limits: SessionLimits | None = None,
    demo: Demo | None = None,
) -> None:
    """Serve until interrupted. One process; several of them may serve the same database. Raises Unavailable."""
    made = create_app(app, Argon2Hasher(), limits=limits, is_https=is_https, demo=demo)
    config = uvicorn.Config(
        made,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        h11_max_incomplete_event_size=HEAD_BYTES,
    )
    with _listening(host, port) as listener, suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=WAITING)
    except (OSError, OverflowError) as error:
        raise Unavailable(
            f"地址 {host}:{port} 用不了：{in_chinese(error)}", hint="请用 --port 换一个端口"
        ) from error
    # asyncio sets it on sockets that it opens itself only; without it each page waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener

"""Handlers are plain functions; this bounds how many run at once, and gives slow ones threads of their own.

On SQLite many reader threads are slower than one, because the driver gives up the interpreter at each row.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial, wraps
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

Answer = TypeVar("Answer")
READERS: Final = {True: 2, False: 8}
"""Threads for pages: on SQLite, and on a server."""
SLOW_AT_ONCE: Final = 4
_slow: RunVar[CapacityLimiter] = RunVar("duban slow threads")


def bound_threads(*, is_sqlite: bool) -> None:
    """Bound the threads in which plain handlers run. To be called inside the event loop."""
    to_thread.current_default_thread_limiter().total_tokens = READERS[is_sqlite]
    _slow.set(CapacityLimiter(SLOW_AT_ONCE))


def apart(handler: Callable[..., Answer]) -> Callable[..., Any]:
    """A handler that hashes, receives files or reckons long, in threads of its own: it keeps no page waiting."""

    @wraps(handler)
    async def run(*given: Any, **named: Any) -> Answer:
        return await to_thread.run_sync(partial(handler, *given, **named), limiter=_slow.get(None))

    return run


async def flowing(parts: Iterator[str]) -> AsyncIterator[str]:
    """Parts of a page as they are made, waited for in threads apart."""
    while (part := await to_thread.run_sync(next, parts, None, limiter=_slow.get(None))) is not None:
        yield part


def carried_on(work: Iterator[Answer]) -> Iterator[Answer]:
    """What `work` yields, in a thread of its own that comes to the end also when nobody listens any more.

    Raises what `work` raises.
    """
    made: SimpleQueue[Answer | Exception | None] = SimpleQueue()
    Thread(target=_make, args=(work, made)).start()
    return _made(made)


def _make(work: Iterator[Answer], made: "SimpleQueue[Answer | Exception | None]") -> None:
    try:
        for each in work:
            made.put(each)
        made.put(None)
    except Exception as error:  # noqa: BLE001 - raised where it is listened to
        made.put(error)


def _made(made: "SimpleQueue[Answer | Exception | None]") -> Iterator[Answer]:
    while (each := made.get()) is not None:
        if isinstance(each, Exception):
            raise each
        yield each

"""Eight processes that move items at the same instant, each over its own connection."""

import multiprocessing
from dataclasses import dataclass

from engine.model.errors import Error
from engine.usecases.items import move_item
from storage.dialects import open_database
from tests.bench.stage import Stage

PATIENCE = 60
START = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
"""From one warm process where there is such a thing; a fresh interpreter each takes seconds."""


@dataclass(frozen=True)
class Outcome:
    """What one contender was told: the version it made, or the code and words of the refusal."""

    version: int | None
    code: str = ""
    text: str = ""


def contend(stage, attempt):
    """One attempt; an error that is not one of ours is let through."""
    try:
        return Outcome(move_item(stage.begin(), stage.now, attempt).version)
    except Error as error:
        return Outcome(None, error.code, str(error))


def _work(pipe, gate):
    stages = {}
    while job := pipe.recv():
        url, now, attempt = job
        stage = stages.setdefault(url, Stage(open_database(url)))
        stage.now = now
        gate.wait(PATIENCE)
        try:
            pipe.send(contend(stage, attempt))
        except Exception as error:  # noqa: BLE001 - it is the finding, whatever it is
            pipe.send(Outcome(None, type(error).__name__, str(error)))


class Crew:
    """Workers that stay between rounds: starting one takes longer than a thousand moves."""

    def __init__(self, size):
        context = multiprocessing.get_context(START)
        if START == "forkserver":
            context.set_forkserver_preload([__name__])
        self._gate = context.Barrier(size)
        pairs = [context.Pipe() for _ in range(size)]
        self._pipes = [ours for ours, _ in pairs]
        self._workers = [
            context.Process(target=_work, args=(theirs, self._gate), daemon=True) for _, theirs in pairs
        ]

    def __enter__(self):
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_):
        for pipe in self._pipes:
            pipe.send(None)
        for worker in self._workers:
            worker.join(PATIENCE)

    def __call__(self, stage, attempts):
        """Make every attempt at once; returns the outcomes in the order of the attempts."""
        url = stage.database.engine.url.render_as_string(hide_password=False)
        for pipe, attempt in zip(self._pipes, attempts, strict=True):
            pipe.send((url, stage.now, attempt))
        assert all(pipe.poll(PATIENCE) for pipe in self._pipes)
        return [pipe.recv() for pipe in self._pipes]

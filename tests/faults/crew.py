"""Processes that move items, or sweep, at the same instant, each over its own connection."""

import multiprocessing
from dataclasses import dataclass

from engine.model.errors import Error
from engine.usecases import sweep as sweeping
from engine.usecases.items import move_item
from storage.dialects import open_database
from tests.bench.stage import Stage
from tests.faults.rungs import spots

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


def sweep_all(stage, now, chunk):
    """Sweep once, by a clock of one's own and so many deadlines at a time; returns what was fired."""
    sweeping.CHUNK = chunk
    return [spot for escalation in sweeping.sweep(stage.begin, now) for spot in spots(escalation)]


def _work(pipe, gate, task):
    stages = {}
    while job := pipe.recv():
        url, now, asked = job
        if url not in stages:
            stages[url] = Stage(open_database(url))
        stage = stages[url]
        stage.now = now
        gate.wait(PATIENCE)
        try:
            pipe.send(task(stage, asked))
        except Exception as error:  # noqa: BLE001 - it is the finding, whatever it is
            pipe.send(Outcome(None, type(error).__name__, str(error)))


class Crew:
    """Workers that stay between rounds: starting one takes longer than a thousand moves. Each does `task`."""

    def __init__(self, size, task=contend):
        context = multiprocessing.get_context(START)
        if START == "forkserver":
            context.set_forkserver_preload([__name__])
        self._gate = context.Barrier(size)
        pairs = [context.Pipe() for _ in range(size)]
        self._pipes = [ours for ours, _ in pairs]
        self._workers = [
            context.Process(target=_work, args=(theirs, self._gate, task), daemon=True) for _, theirs in pairs
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

    def __call__(self, stage, asked, patience=PATIENCE):
        """Give each what it is asked, all at once; returns the outcomes in the same order."""
        url = stage.database.engine.url.render_as_string(hide_password=False)
        for pipe, each in zip(self._pipes, asked, strict=True):
            pipe.send((url, stage.now, each))
        assert all(pipe.poll(patience) for pipe in self._pipes)
        return [pipe.recv() for pipe in self._pipes]

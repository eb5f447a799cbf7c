"""Clients that are killed while they move items. What each wants and was told stands in a journal of its own."""

import itertools
import json
import multiprocessing
import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path

from engine.model.ids import ItemId
from engine.model.transition import Attempt
from engine.usecases.items import move_items
from storage.dialects import open_database
from tests.bench.stage import Stage
from tests.faults.checks import acknowledgement
from tests.integration.house import person_in

PATIENCE = 60
ROUND = (
    ("assign", "head", 3, {"assignee": person_in("officer")}),
    ("sign_for", "officer", 3, {}),
    ("progress", "officer", 1, {"fields": {"progress": "进行中"}}),
    ("suspend", "office", 1, {}),
    ("resume", "office", 1, {}),
)
"""Verb, who does it, and on how many items at once; after the last the first is open again."""


@dataclass(frozen=True)
class Client:
    """Moves three items of its own round and round. Its command `n` is always the same, so it can be sent again."""

    journal: Path
    items: tuple[ItemId, ...]

    def go_on(self, stage, count=None):
        """Send the command that was left unanswered, then the next ones: `count` in all, or without end."""
        actors = {post: stage.actor(post) for _, post, _, _ in ROUND}
        commands = itertools.count(self.next()) if count is None else range(self.next(), self.next() + count)
        for number in commands:
            self._note({"wants": number})
            items = move_items(stage.begin(), stage.now, self._attempts(actors, number))
            self._note({"did": number, "versions": [item.version for item in items]})

    def warm_up(self, stage):
        """Do everything once, so that whoever is forked has it ready."""
        self.go_on(stage, len(ROUND))

    def next(self):
        """The number of the command to send first."""
        return len(self._answers())

    def is_in_doubt(self):
        """True when a command was sent and no answer came."""
        return any("wants" in line for line in self._lines()[-1:])

    def acknowledged(self, stage):
        """All that it was told."""
        actors = {post: stage.actor(post) for _, post, _, _ in ROUND}
        return [
            acknowledgement(attempt, version)
            for answer in self._answers()
            for attempt, version in zip(
                self._attempts(actors, answer["did"]), answer["versions"], strict=True
            )
        ]

    def _attempts(self, actors, number):
        verb, post, many, asked = ROUND[number % len(ROUND)]
        attempt = Attempt(
            item=self.items[0], verb=verb, actor=actors[post], key="", reason="情况有变", **asked
        )
        return [
            replace(attempt, item=item, key=f"{self.journal.name}/{number}/{item}")
            for item in self.items[:many]
        ]

    def _answers(self):
        return [line for line in self._lines() if "did" in line]

    def _lines(self):
        return [json.loads(line) for line in self.journal.read_text().splitlines()]

    def _note(self, line):
        """Add a line; it is on the disk when this returns, and never half there."""
        file = os.open(self.journal, os.O_WRONLY | os.O_APPEND)
        os.write(file, f"{json.dumps(line)}\n".encode())
        os.fsync(file)
        os.close(file)


class Executioner:
    """A warm process without connections of its own; it forks each victim, so that a kill costs milliseconds."""

    def __init__(self, url, warm):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, url, warm), daemon=True)

    def __enter__(self):
        self._process.start()
        return self

    def __exit__(self, *_):
        self._pipe.send(None)
        self._process.join(PATIENCE)

    def __call__(self, victims, delays=()):
        """Start all victims, kill each so many seconds after it began, or by itself; returns how each ended."""
        self._pipe.send((victims, delays))
        assert self._pipe.poll(PATIENCE)
        return self._pipe.recv()


def _serve(pipe, url, warm):
    stage = Stage(open_database(url))
    warm.warm_up(stage)
    stage.database.close()
    while job := pipe.recv():
        begun = [_begin(stage, victim) for victim in job[0]]
        start = time.monotonic()
        for delay, pid in sorted(zip(job[1], begun, strict=bool(job[1]))):
            time.sleep(max(0.0, start + delay - time.monotonic()))
            os.kill(pid, signal.SIGKILL)
        pipe.send([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in begun])


def _begin(stage, victim):
    """Fork a victim; returns its process once it has a connection."""
    ready, its_ready = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            stage.actor("head")
            os.write(its_ready, b"1")
            victim.go_on(stage)
        except BaseException:  # noqa: BLE001 - nothing of the parent's may run on in the child
            traceback.print_exc(file=sys.stderr)
        os._exit(1)
    os.close(its_ready)
    os.read(ready, 1)
    os.close(ready)
    return pid

"""Has the templates of an administrator rendered by a child process, and waits for it no longer than is bearable."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Final

from notifications import child

SECONDS: Final = 4.0
"""By the clock on the wall, start of the process included."""
_KEPT: Final = ("SYSTEMROOT",)
"""Without it no program starts on Windows."""

Fact = str | int | None


class Spoilt(Exception):
    """The child process gave no answer: it was too slow, too large, or it broke."""


@dataclass(frozen=True, slots=True)
class Job:
    """A template and the facts to fill it with."""

    template: str
    facts: Mapping[str, Fact]


def rendered(
    jobs: Sequence[Job], partials: Mapping[str, str], seconds: float = SECONDS
) -> list[str | Spoilt]:
    """The text of each job, or what was wrong with it."""
    request = {
        "partials": dict(partials),
        "jobs": [{"template": job.template, "facts": dict(job.facts)} for job in jobs],
    }
    try:
        answers = json.loads(_answered(json.dumps(request).encode(), len(jobs), seconds))
        return [one["text"] if "text" in one else Spoilt(f"{one['error']}") for one in answers]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [Spoilt(f"没有写成：{error}")] * len(jobs)


def _answered(request: bytes, jobs: int, seconds: float) -> bytes:
    """What the child wrote, no more than it may. Raises ValueError where it ended otherwise than well."""
    command = [sys.executable, "-I", str(Path(child.__file__))]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    with subprocess.Popen(  # noqa: S603 - our own interpreter with our own script
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        close_fds=True,
    ) as process:
        guard = Timer(seconds, process.kill)
        guard.start()
        try:
            most = jobs * child.LARGEST * 6 + 1024  # JSON writes a character in six bytes at most
            answer = _conversed(process, request, most)
        finally:
            guard.cancel()
            process.kill()
    if not answer:
        raise ValueError("超出时间或内存")
    return answer


def _conversed(process: "subprocess.Popen[bytes]", request: bytes, most: int) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise OSError("没有管道")
    process.stdin.write(request)
    process.stdin.close()
    answer = process.stdout.read(most + 1)
    if len(answer) > most:
        raise ValueError("写出来太长")
    return answer

"""Asks a child process and waits no longer than is bearable; has it render the templates of an administrator."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from types import MappingProxyType
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
        most = len(jobs) * child.LARGEST * 6 + 1024  # JSON writes a character in six bytes at most
        answers = json.loads(asked(Path(child.__file__), json.dumps(request).encode(), most, seconds))
        return [one["text"] if "text" in one else Spoilt(f"{one['error']}") for one in answers]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [Spoilt(f"没有写成：{error}")] * len(jobs)


def asked(
    script: Path,
    request: bytes,
    most: int,
    seconds: float,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """What the script wrote, `most` bytes, in a process that sees `environment` and little else.

    Raises OSError or ValueError where it ended otherwise than well.
    """
    command = [sys.executable, "-I", str(script)]
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    with subprocess.Popen(  # noqa: S603 - our own interpreter with our own script
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**kept, **environment},
        close_fds=True,
    ) as process:
        guard = Timer(seconds, process.kill)
        guard.start()
        try:
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

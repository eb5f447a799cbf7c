"""All documents that may not be taken for a definition, one after the other, with little memory and no time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.workflows.documents import refused

ROOT = Path(__file__).parents[3]
MEGABYTES = 50
SECONDS = 0.2
"""Of the processor; what takes longer is asked again, because a busy machine is no fault of the document."""
READER = f"""
import json, resource, time
from engine.model.errors import Invalid
from engine.rules.soundness import problems_of
from tests.unit.workflows.documents import refused
from workflows.builder import build_definition
from workflows.reader import read_yaml

def told(data):
    try:
        document = read_yaml(data, "x.yaml")
        return [document.problem(flaw.path, flaw.text) for flaw in problems_of(build_definition(document))]
    except Invalid as invalid:
        return invalid.problems

def timed(data):
    began = time.process_time()
    lines = [f"{{p.where}}: {{p.text}}" for p in told(data)]
    return time.process_time() - began, lines

def measured(data):
    seconds, lines = timed(data)
    return (seconds if seconds < {SECONDS} else min(timed(data)[0] for _ in range(3))), lines

documents = list(refused())
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + {MEGABYTES} * 2**20,) * 2)
answers = [measured(data) for data, _ in documents]
print(json.dumps(answers))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="measured as Linux tells it")
def test_each_document_is_refused_in_one_line_with_its_place_within_little_memory_and_no_time() -> None:
    documents = list(refused())
    env = {**os.environ, "PYTHONPATH": f"{ROOT}"}

    child = subprocess.run(
        [sys.executable, "-c", READER], env=env, capture_output=True, check=True, text=True
    )

    answers = json.loads(child.stdout)
    for (_, words), (_, lines) in zip(documents, answers, strict=True):
        assert any(words in line for line in lines), (words, lines)
        assert all(line.startswith("x.yaml:") and len(line.splitlines()) == 1 for line in lines)
    assert max(seconds for seconds, _ in answers) < SECONDS
    count = len({data for data, _ in documents})
    print(f"{count} documents refused, slowest {max(answers)[0] * 1000:.0f} ms, within {MEGABYTES} MB")
    assert count >= 220

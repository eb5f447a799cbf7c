"""However many people sign in at once, their passwords take the memory of four."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PEOPLE = 24
MOST_MIB = 512
"""What G-SEC-15 allows; the passwords of so many people side by side would take three times as much."""
# The peak is read from /proc: ru_maxrss of a child begins at that of the worker that started it.
SIGN_IN = """
import re, sys
from concurrent.futures import ThreadPoolExecutor
from runtime.passwords import Argon2Hasher
hasher, people = Argon2Hasher(), int(sys.argv[1])
stored = hasher.hash("right")
with ThreadPoolExecutor(people) as pool:
    let_in = list(pool.map(lambda n: hasher.verify(stored, "right" if n % 2 else "wrong"), range(people)))
assert let_in == [bool(n % 2) for n in range(people)]
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


def test_many_sign_in_at_once_in_little_memory(rounds: int | None):
    command = [sys.executable, "-c", SIGN_IN, f"{rounds or PEOPLE}"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert int(done.stdout) < MOST_MIB

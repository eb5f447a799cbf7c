"""The p95 of a page under load: by wrk where the machine has it, else by a few connections of our own."""

import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, perf_counter

CONNECTIONS = 2
WRK = shutil.which("wrk")


def p95(port: int, path: str, cookie: str, seconds: float) -> float:
    """Microseconds within which 95 of 100 answers came. Raises AssertionError where one was no page."""
    return _by_wrk(port, path, cookie, seconds) if WRK else _by_hand(port, path, cookie, seconds)


def _by_wrk(port: int, path: str, cookie: str, seconds: float) -> float:
    script = Path(__file__).with_name("wrk.lua")
    command = [WRK or "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-s", f"{script}"]
    asked = [*command, "-H", f"Cookie: {cookie}", f"http://127.0.0.1:{port}{path}"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    found = re.search(r"P95 ([\d.]+) FAILED (\d+)", told)
    assert found, told
    assert found[2] == "0", told
    return float(found[1])


def _by_hand(port: int, path: str, cookie: str, seconds: float) -> float:
    until = monotonic() + seconds

    def visit(_: int) -> list[float]:
        connection, taken = HTTPConnection("127.0.0.1", port), []
        while monotonic() < until:
            begun = perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            taken.append((perf_counter() - begun) * 1e6)
            assert answer.status == 200, (path, answer.status)
        return taken

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        taken = sorted(each for found in pool.map(visit, range(CONNECTIONS)) for each in found)
    return taken[len(taken) * 95 // 100]

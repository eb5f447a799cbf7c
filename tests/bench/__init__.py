"""Measures against the bare driver doing the same writes in the same run: `python -m tests.bench`."""

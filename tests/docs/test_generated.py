"""What is generated says what the code says."""

from tools.generate import drift


def test_generated_files_are_what_the_code_says() -> None:
    """`make docs` writes them anew."""
    assert not list(drift())

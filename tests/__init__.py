"""Tests, one folder a kind; see CONTRIBUTING.md."""

"""Definitions drawn as SVG: where everything lies, and the pens that draw on it."""

"""Definitions and campaigns as data: reads YAML into engine values; never imports storage or notifications."""

"""Helpers for people who build or audit the project; no product code imports them."""

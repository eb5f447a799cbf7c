"""One router for each family of pages."""

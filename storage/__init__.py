"""The engine's ports kept in a database: SQL lives here only; never imports workflows or notifications."""

"""Every migration keeps what a filled database holds."""

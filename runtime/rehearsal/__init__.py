"""Plays a campaign's year in virtual time, through the same use cases, sweep and delivery as production."""

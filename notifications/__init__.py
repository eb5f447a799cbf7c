"""Notices rendered and delivered: an adapter over the engine; never imports storage or workflows."""

"""Settings, clock, ids, wiring and the bell: the one layer that joins adapters to use cases; never imports cli."""

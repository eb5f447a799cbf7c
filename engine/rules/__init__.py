"""Pure functions over the model: no clock, no storage, no randomness."""

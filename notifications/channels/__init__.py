"""The ways out of the house. Each takes an `Outgoing` and returns once the other side has it."""

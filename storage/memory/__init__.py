"""The twin of the SQL storage, over plain values: what holds on both is the contract, what does not is an accident."""

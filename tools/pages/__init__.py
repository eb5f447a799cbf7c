"""Pages that are written from the code and the shipped definitions, so that they cannot tell something else."""

"""The values everything else speaks of: frozen data, standard library only."""

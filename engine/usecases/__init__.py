"""One verb per function: `f(uow, now, command) -> result`; the last line commits."""

"""The browser's skin over the use cases: parse, call, render. It holds no rule."""

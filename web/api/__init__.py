"""The interface for programs: the same use cases as the pages, in JSON, for bearers of access tokens."""

"""The command line, a skin: parse, call a use case, render; holds no rule and never imports storage."""

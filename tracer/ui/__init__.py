"""The terminal interface: a Textual app over a session. It shows what was computed, no more."""

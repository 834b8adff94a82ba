"""From a text to chains of members, each at its place."""

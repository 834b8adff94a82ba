"""What Python users hold: the run's objects, which also show themselves, and checked work."""

"""The commands, a module each, and what they share. A module is loaded when its command runs.

Every command module has `EXAMPLES`, `ARGUMENTS` and `run(options)`, which returns the
exit code where that may be another than 0.
"""

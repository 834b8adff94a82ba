"""Interval arithmetic: expressions with bounds that hold every value they may have."""

"""Exact arithmetic with bounds; figures as they are printed; tiers."""

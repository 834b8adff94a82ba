"""Worksheets, their keys, and the marking of filled ones."""

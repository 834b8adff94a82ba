"""Modules of PyTorch, read as equations."""

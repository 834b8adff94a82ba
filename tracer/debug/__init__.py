"""A person's own backward pass, run and held against the traced gradients."""

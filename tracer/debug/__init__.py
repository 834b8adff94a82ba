"""A person's own backward pass, run on their word or only read, beside traced gradients."""

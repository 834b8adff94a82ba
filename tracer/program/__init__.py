"""From a scenario's text to the list of equations of a training step."""

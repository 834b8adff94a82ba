"""From a trace to words and formulas: steps, then blocks. No markup here."""

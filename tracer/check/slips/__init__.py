"""The slips that people make, and the wrong formulas behind them."""

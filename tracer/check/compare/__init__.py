"""Do two sides of a relation say the same? Trees first, then values with bounds."""

"""What screens are made of. Widgets do not know each other: attributes down, messages up."""

"""What several screens use. Widgets do not know each other: attributes down, messages up."""

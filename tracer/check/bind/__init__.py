"""What names mean: the values that they have had, and the worlds in which a line may hold."""

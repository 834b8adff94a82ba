"""practise."""

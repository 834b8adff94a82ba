"""Files to worked documents: blocks, tokens, chains, sides, claims. Nothing is judged here."""

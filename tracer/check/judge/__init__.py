"""Does each side follow from the one before it, in some admissible world? It sees no text."""

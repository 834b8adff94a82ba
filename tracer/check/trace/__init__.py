"""A traced run as a document's names, iterations and conventions ask for it."""

"""A reader's own choices: theme, language, notation, keys, recent files."""

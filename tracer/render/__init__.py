"""From blocks and steps to Markdown, plain text and JSON. Nothing is computed here."""

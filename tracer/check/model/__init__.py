"""What a person wrote and what was found in it: frozen records, made once, changed by nobody."""

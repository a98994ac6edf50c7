"""How single values are spelled in the file, and what they become."""

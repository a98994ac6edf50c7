"""How the rows are measured: each scene sets a stage, then does one run after the other on it."""

"""One module for each kind of mistake: a pure function from evidence to problems."""

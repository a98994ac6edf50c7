"""One module for each kind of check, with its name; `build` makes its probe or watch."""

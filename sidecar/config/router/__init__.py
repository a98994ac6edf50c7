"""One virtual router of the file: a model for each concept, with the rules about its keys beside them."""

"""The page `/status`: one status document for a browser, for a text terminal and as a stream of its parts."""

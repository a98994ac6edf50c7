"""What a release consists of: images that come out the same twice, what is in them, sums and signatures."""

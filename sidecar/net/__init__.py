"""ACT and hear: the only files that touch the kernel's network."""

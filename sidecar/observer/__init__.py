"""The process that checks, shows and keeps pools: without any capability."""

"""One virtual router: election, state machine, lease and everything that is heard."""

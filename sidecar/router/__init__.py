"""The process that may change the network: the core, its sockets, and the channel to the observer."""

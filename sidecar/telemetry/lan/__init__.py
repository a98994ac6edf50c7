"""What is overheard on the LAN of a router: evidence for people, apart from the election."""

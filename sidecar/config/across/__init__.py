"""Rules that concern several entries of the file: routers, checks, pools and sections beside each other."""

"""`drill`: moves the VIPs to the other host and back, and measures how long visitors wait."""

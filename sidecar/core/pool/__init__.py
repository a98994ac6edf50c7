"""One upstream of nginx: which servers get requests, and when nginx is told."""

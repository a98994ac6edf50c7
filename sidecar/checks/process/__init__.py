"""The process check: /proc and pidfds."""

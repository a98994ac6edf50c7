"""Two contenders in one run, `python -m bench.contest` (root): vip-sidecar beside keepalived 2.3.3.

Same topology, client, faults, priorities and intervals. `rows` says what is measured, the `scenes` how;
`results` keeps each run in a file, so that an interrupted measurement goes on; `page` and `picture` show what
came of it.
"""

"""From keepalived.conf to this program's configuration: what the verb `import` does.

text (logical_lines, conditions, macros, includes) -> words -> statements (tree) -> one file's drafts, read by
one rule for each keyword (rules_*) -> entries of our configuration (entries), those of several hosts joined
(pair) -> YAML, `.env`, a fragment for compose and a report. Nothing here touches the host but to read files.
"""

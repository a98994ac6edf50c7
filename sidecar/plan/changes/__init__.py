"""The changes of a reload, as a list: what is added, removed and changed, and who notices it.

`comparison.compare` compares two plans. Each dataclass of the plan has a table with one rule for each of its
fields (`rule.py`), beside the function that compares it: a field without a rule fails a test.
"""

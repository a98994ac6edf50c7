"""`events --incident`: the events of all hosts in one order, and how long visitors waited."""

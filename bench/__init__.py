"""Measurements: failover seen by a client, in network namespaces and in the compose lab."""

"""Mistakes of hosts, networks and configurations, found before visitors find them. Changes nothing."""

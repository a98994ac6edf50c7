"""Alerts of monitoring/rules that one host can judge; a module for each file there."""

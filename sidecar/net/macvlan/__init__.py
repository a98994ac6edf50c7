"""Interfaces that have the MAC address of a virtual router."""

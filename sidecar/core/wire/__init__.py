"""Bytes on the LAN and back: adverts, their authentication trailer, ARP, neighbour discovery."""

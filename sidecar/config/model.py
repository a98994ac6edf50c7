"""The typed configuration. Frozen; durations are float seconds, addresses are address objects.

One description string per field is its documentation. `load.py` turns a file into this and owns
all messages; nothing here reads a file or the environment.
"""

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# The scalar types Seconds, HostPort, UnixUrl ... with their parsers belong to scalars.py.

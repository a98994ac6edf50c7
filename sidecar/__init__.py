"""vip-sidecar: high availability for nginx on plain Docker hosts."""

__version__ = "0.1.0"

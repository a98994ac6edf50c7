"""What `sysctl` calls a setting of an interface (sysctl(8))."""


def setting_name(interface: str, name: str, version: int = 4) -> str:
    """Return the name for a command line: a dot in the name of an interface (VLANs) is a slash there."""
    return f"net.ipv{version}.conf.{interface.replace('.', '/')}.{name}"

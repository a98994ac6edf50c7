"""Values that a reload cannot change: values that come from the environment of the running process."""

from collections.abc import Iterable

from sidecar.plan.plan import FromEnvironment


def kept_environment(values: Iterable[FromEnvironment]) -> str:
    """Return the sentence about the values that a reload takes from an environment that stays; "": none."""
    named = [f"{each.key} ({_variable(each)})" for each in values]
    if not named:
        return ""
    return (
        f"from the environment, which a running process keeps: {', '.join(named)}; a changed .env needs "
        "`docker compose up -d`, a changed env of the systemd unit `systemctl restart vip-sidecar`"
    )


def _variable(value: FromEnvironment) -> str:
    return value.variable if value.is_set else f"{value.variable}, not set: the default"

"""Words for our keys that nginx, HAProxy, compose, VyOS and other programs have, or that people make up.

Each table belongs to one place of the file, as those of keepalived_words do. `{value}` stands for the value.
"""

from typing import Final

from sidecar.config.keepalived_words import Word

_ROUTER: Final = "virtual_routers.<name>."
_CHECK: Final = "checks.<name>."
_POOL: Final = "pools.<name>."


def _same(path: str, *words: str) -> dict[str, Word]:
    """Words that are another name of a key, whose value can stay."""
    return dict.fromkeys(words, Word(path, f"write `{path.rpartition('.')[2]}: {{value}}`"))


_OF_ROUTER: Final[dict[str, Word]] = {
    **_same(f"{_ROUTER}addresses", "vip", "vips", "virtual_ip", "virtual_ips", "ip", "ips", "ip_addresses"),
    **_same(f"{_ROUTER}addresses", "virtual_address", "virtual_addresses", "address"),
    **_same(f"{_ROUTER}interface", "nic", "iface", "device", "ifname"),
    **_same(f"{_ROUTER}vrid", "id", "virtual_id", "vr_id", "group_id"),
    **_same(f"{_ROUTER}priority", "prio"),
    **_same(f"{_ROUTER}advert_interval", "interval", "advertise_interval", "advertisement_interval"),
    **_same(f"{_ROUTER}checks", "check", "health_check", "health_checks", "healthcheck", "track"),
    **dict.fromkeys(
        ("peer", "peer_address", "peer_ip"),
        Word(f"{_ROUTER}unicast.peers", "write `unicast: {peers: {value}}`"),
    ),
    **dict.fromkeys(
        ("password", "passwd", "secret"),
        Word(f"{_ROUTER}auth", "write `auth: {pass: ...}` and `version: 2`, or `auth: {hmac: [...]}`"),
    ),
    **dict.fromkeys(("role", "mode"), Word("", "the host with the highest `priority` serves; remove it")),
    **dict.fromkeys(
        ("name", "description", "comment"),
        Word("", "the name stands above, before the colon, and a comment begins with #; remove it"),
    ),
    "family": Word("", "the family is that of the `addresses`; remove it"),
    "weight": Word("", "a check has a `weight`; write it there"),
}
_OF_CHECK: Final[dict[str, Word]] = {
    **_same(f"{_CHECK}http", "url", "uri", "https"),
    **_same(f"{_CHECK}icmp", "ping"),
    **_same(f"{_CHECK}link", "interface", "nic", "iface"),
    **_same(f"{_CHECK}container", "docker", "docker_container", "container_name"),
    **_same(f"{_CHECK}every", "period", "inter"),
    **_same(f"{_CHECK}fall", "retries", "threshold", "failure_threshold", "unhealthy_threshold", "max_fails"),
    **_same(f"{_CHECK}rise", "success_threshold", "healthy_threshold", "passes"),
    **dict.fromkeys(
        ("cmd", "command", "test", "run"),
        Word(f"{_CHECK}exec", "write `exec: [/path/of/program, argument]`"),
    ),
    **dict.fromkeys(
        ("pid_file", "pidfile", "systemd", "service", "unit"),
        Word(f"{_CHECK}process", "write the name of its process, such as `process: nginx`"),
    ),
    "port": Word(f"{_CHECK}tcp", "write `tcp: 127.0.0.1:{value}`"),
    **dict.fromkeys(
        ("type", "kind", "target", "address"),
        Word(f"{_CHECK}http", "the kind is a key, and what it asks its value, such as `tcp: 127.0.0.1:80`"),
    ),
    **dict.fromkeys(
        ("start_period", "initial_delay", "startup_delay"),
        Word("", "no host takes over before the first results are there; remove it"),
    ),
}
_OF_POOL: Final[dict[str, Word]] = {
    **_same(f"{_POOL}servers", "members", "backends", "targets"),
    **_same(f"{_POOL}upstream", "name"),
    **_same(f"{_POOL}sorry", "backup"),
    **dict.fromkeys(
        ("least_conn", "ip_hash", "random", "balance", "algorithm"),
        Word(f"{_POOL}options", "write a directive of nginx, such as `options: [least_conn]`"),
    ),
    **dict.fromkeys(
        ("keepalive", "keepalive_timeout", "keepalive_requests", "zone", "hash"),
        Word(f"{_POOL}options", "write a directive of nginx, such as `options: [keepalive 16]`"),
    ),
    **dict.fromkeys(
        ("max_fails", "fail_timeout", "max_conns"),
        Word(
            f"{_POOL}server_options", "write a parameter of nginx, such as `server_options: [max_conns=100]`"
        ),
    ),
    **dict.fromkeys(
        ("health_check", "healthcheck", "path", "url"),
        Word(f"{_POOL}check", "write `check: {http: /healthz}`"),
    ),
}
_TABLES: Final = {"virtual_routers": _OF_ROUTER, "checks": _OF_CHECK, "pools": _OF_POOL}
_IN_ENTRY: Final = 3
"""Keys of the path to a key of an entry: section, name, key."""


def other_word(path: tuple[str | int, ...]) -> Word | None:
    """What our key is for the word at this path, if it is one of another program."""
    if len(path) != _IN_ENTRY:
        return None
    return _TABLES.get(str(path[0]), {}).get(str(path[-1]).lower().replace("-", "_"))

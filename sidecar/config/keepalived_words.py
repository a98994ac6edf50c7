"""Words of keepalived.conf, and what this program has instead: plain data, read by check-config and import.

Each table belongs to one place of the YAML file. `ours` is the path of our key from the top of the file, with
`<name>` for the name of an entry; it is empty where nothing corresponds. `mend` completes the sentence
"`word` is a word of keepalived: ...". In it `{value}` stands for the value of the word as the user wrote it.
"""

from typing import Final, NamedTuple


class Word(NamedTuple):
    """The counterpart of one word of keepalived."""

    ours: str
    mend: str

    def answer(self, word: str, value: str = "...") -> str:
        """Return the sentence for a word with this value."""
        return f"`{word}` is a word of keepalived: {self.mend.replace('{value}', value)}"


_ROUTER: Final = "virtual_routers.<name>."
_CHECK: Final = "checks.<name>."
_POOL: Final = "pools.<name>."
_NOTIFIED: Final = Word(
    f"{_ROUTER}hooks",
    "write `hooks: {post_acquire: [/path/of/program]}`, and `post_release`, `post_fault` for other states",
)
_ANNOUNCED: Final = Word(
    "", "the VIPs are announced when they are taken over and again from time to time; remove it"
)
_ALWAYS: Final = "this is always so; remove it"

OF_ROUTER: Final[dict[str, Word]] = {
    "state": Word("", "the host with the highest `priority` serves, whatever it begins as; remove it"),
    "virtual_router_id": Word(f"{_ROUTER}vrid", "write `vrid: {value}`"),
    "advert_int": Word(f"{_ROUTER}advert_interval", "write `advert_interval: {value}s`"),
    "virtual_ipaddress": Word(f"{_ROUTER}addresses", "write `addresses: {value}`"),
    "virtual_ipaddress_excluded": Word(
        f"{_ROUTER}addresses",
        "all VIPs are advertised: add them to `addresses`, those of the other family in another router",
    ),
    "nopreempt": Word(f"{_ROUTER}preempt", "write `preempt: false`"),
    "unicast_src_ip": Word(f"{_ROUTER}unicast.source", "write `unicast: {source: {value}, peers: [...]}`"),
    "unicast_peer": Word(f"{_ROUTER}unicast.peers", "write `unicast: {peers: {value}}`"),
    "mcast_src_ip": Word(f"{_ROUTER}source", "write `source: {value}`"),
    "authentication": Word(f"{_ROUTER}auth", "write `auth: {pass: ...}` and `version: 2`"),
    "auth_type": Word(f"{_ROUTER}auth", "the key says it: `auth: {pass: ...}` or `auth: {hmac: [...]}`"),
    "auth_pass": Word(f"{_ROUTER}auth.pass", "write `auth: {pass: ...}` and `version: 2`"),
    "auth_hmac": Word(f"{_ROUTER}auth.hmac", "write `auth: {hmac: [{id: 1, key_file: /path}]}`"),
    "track_script": Word(f"{_ROUTER}checks", "write `checks: {value}`, names of the top-level `checks:`"),
    "track_process": Word(f"{_ROUTER}checks", "make a check such as `nginx: {process: nginx}`"),
    "track_interface": Word(f"{_ROUTER}checks", "make a check such as `uplink: {link: eth1}`"),
    "track_file": Word(f"{_ROUTER}checks", "make a check such as `flag: {file: /run/maintenance}`"),
    "track_bfd": Word("", "there is no BFD; make a check such as `gateway: {icmp: 10.77.0.1}`"),
    "track_src_ip": Word("", _ALWAYS),
    "dont_track_primary": Word("", "a router cannot serve on an interface that is down; remove it"),
    "use_vmac": Word(f"{_ROUTER}virtual_mac", "write `virtual_mac: true`"),
    "vmac_xmit_base": Word("", "adverts leave from the interface itself; remove it"),
    "no_accept": Word(f"{_ROUTER}accept", "write `accept: false`, which makes nginx unreachable at the VIPs"),
    "v3_checksum_as_v2": Word(f"{_ROUTER}v4_pseudo_header", "write `v4_pseudo_header: false`"),
    "vrrp_version": Word(f"{_ROUTER}version", "write `version: {value}`"),
    "strict_mode": Word("", "keep to `version: 3`, which is RFC 9568; remove it"),
    "check_unicast_src": Word("", _ALWAYS),
    "skip_check_adv_addr": Word("", "an advert counts if it names one of our VIPs; remove it"),
    "unicast_ttl": Word(
        f"{_ROUTER}unicast.min_ttl", "write `min_ttl` under `unicast`, where routers are between"
    ),
    "down_timer_adverts": Word("", "three missed adverts, as in RFC 9568; remove it"),
    "virtual_routes": Word("", "only addresses move; remove it, and keep routes with the system's own means"),
    "virtual_rules": Word("", "only addresses move; remove it, and keep rules with the system's own means"),
    "lvs_sync_daemon_interface": Word("", "there is no LVS; remove it"),
    "smtp_alert": Word("", "the metrics are what to alert on; remove it"),
    "native_ipv6": Word("", "the family is that of the `addresses`; remove it"),
    "dev": Word(f"{_ROUTER}interface", "write `interface: {value}`"),
    "ip_address": Word(f"{_ROUTER}addresses", "write `addresses: [{value}]`"),
    **dict.fromkeys(
        (
            "notify",
            "notify_master",
            "notify_backup",
            "notify_fault",
            "notify_stop",
            "notify_deleted",
            "notify_master_rx_lower_pri",
        ),
        _NOTIFIED,
    ),
    **dict.fromkeys(
        (
            "garp_master_delay",
            "garp_master_repeat",
            "garp_master_refresh",
            "garp_master_refresh_repeat",
            "garp_lower_prio_delay",
            "garp_lower_prio_repeat",
            "higher_prio_send_advert",
            "lower_prio_no_advert",
        ),
        _ANNOUNCED,
    ),
}
"""Words of `vrrp_instance`, as they are met in a virtual router."""

OF_CHECK: Final[dict[str, Word]] = {
    "script": Word(
        f"{_CHECK}exec",
        "write what it asks as a kind, such as `process: nginx` or `http: http://127.0.0.1/`, or run it by "
        "`exec: [/path/of/program, argument]`",
    ),
    "interval": Word(f"{_CHECK}every", "write `every: {value}s`"),
    "init_fail": Word("", "no host takes over before the first results are there; remove it"),
    "reverse": Word("", "turn the sign of `weight`, or `present: true` of a file check; remove it"),
    "quorum": Word("", "one process is enough; remove it"),
    "param_match": Word("", "a process is known by its name alone; remove it, or use `exec`"),
    "full_command": Word("", "a process is known by its name alone; remove it, or use `exec`"),
    "fork_delay": Word(f"{_CHECK}rise", "a process that runs counts at once; remove it"),
    "terminate_delay": Word(f"{_CHECK}fall", "a process that ended counts at once; remove it"),
    "misc_path": Word(f"{_CHECK}exec", "write `exec: [{value}]`"),
    "connect_timeout": Word(f"{_CHECK}timeout", "write `timeout: {value}s`"),
    "delay_loop": Word(f"{_CHECK}every", "write `every: {value}s`"),
    "retry": Word(f"{_CHECK}fall", "`fall` counts failures: one more than `retry`"),
}
"""Words of `vrrp_script`, `vrrp_track_process` and checkers, as they are met in a check."""

OF_POOL: Final[dict[str, Word]] = {
    "real_server": Word(f"{_POOL}servers", "write `servers: [10.77.0.21:80]`"),
    "real_servers": Word(f"{_POOL}servers", "write `servers: [10.77.0.21:80]`"),
    "sorry_server": Word(f"{_POOL}sorry", "write `sorry: {value}`"),
    "delay_loop": Word(f"{_POOL}check.every", "write `check: {every: {value}s}`"),
    "lb_algo": Word(f"{_POOL}options", "nginx balances; write `options: [least_conn]`, or remove it"),
    "lvs_sched": Word(f"{_POOL}options", "nginx balances; write `options: [least_conn]`, or remove it"),
    "lb_kind": Word("", "nginx is a proxy, so there is no forwarding method; remove it"),
    "lvs_method": Word("", "nginx is a proxy, so there is no forwarding method; remove it"),
    "protocol": Word("", "pools are for HTTP; remove it"),
    "persistence_timeout": Word(f"{_POOL}options", "write `options: [ip_hash]`, or remove it"),
    "TCP_CHECK": Word(f"{_POOL}check.tcp", "a connection is tried anyway; remove it"),
    "HTTP_GET": Word(f"{_POOL}check.http", "write `check: {http: /}`"),
    "SSL_GET": Word(f"{_POOL}check.http", "write `check: {http: /, scheme: https}`"),
    "PING_CHECK": Word(f"{_POOL}check.icmp", "write `check: {icmp: true}`"),
    "MISC_CHECK": Word("", "a pool runs no program; remove it"),
    "connect_timeout": Word(f"{_POOL}check.timeout", "write `check: {timeout: {value}s}`"),
    "retry": Word(f"{_POOL}check.fall", "`check: {fall: ...}` counts failures: one more than `retry`"),
    "quorum": Word("", "one server that passes is enough; remove it"),
    "inhibit_on_failure": Word("", "a server that fails gets no requests and keeps its place; remove it"),
    "alpha": Word("", "no server gets requests before it has passed, but all do while none has; remove it"),
    "ha_suspend": Word("", "pools are kept on every host; remove it"),
}
"""Words of `virtual_server`, as they are met in a pool."""

OF_FILE: Final[dict[str, Word]] = {
    "global_defs": Word("", "`node:` and `log:` are keys of the file itself; remove it"),
    "vrrp_instance": Word("virtual_routers", "write `virtual_routers: {web: {...}}`"),
    "vrrp_script": Word("checks", "write `checks: {nginx: {process: nginx}}`"),
    "vrrp_track_process": Word("checks", "write `checks: {nginx: {process: nginx}}`"),
    "track_file": Word("checks", "write `checks: {flag: {file: /run/maintenance}}`"),
    "vrrp_track_file": Word("checks", "write `checks: {flag: {file: /run/maintenance}}`"),
    "vrrp_sync_group": Word("sync_groups", "write `sync_groups: {name: [router, router]}`"),
    "virtual_server": Word("pools", "write `pools: {name: {...}}`, upstreams of nginx"),
    "virtual_server_group": Word("pools", "write `pools: {name: {...}}`, upstreams of nginx"),
    "router_id": Word("node", "write `node: {value}`"),
    "lvs_id": Word("node", "write `node: {value}`"),
    "script_user": Word(f"{_CHECK}user", "write `user: {value}` in each exec check"),
    "enable_script_security": Word("", _ALWAYS),
    "vrrp_version": Word(f"{_ROUTER}version", "write `version: {value}` in each virtual router"),
    "vrrp_strict": Word("", "keep to `version: 3`, which is RFC 9568; remove it"),
    "vrrp_skip_check_adv_addr": Word("", "an advert counts if it names one of our VIPs; remove it"),
    "vrrp_check_unicast_src": Word("", _ALWAYS),
    "vrrp_iptables": Word("", "no rules of a packet filter are written unless `accept: false`; remove it"),
    "static_ipaddress": Word("", "only VIPs are put on interfaces; remove it"),
    "static_routes": Word("", "no route is written; remove it"),
    "static_rules": Word("", "no rule is written; remove it"),
    "include": Word("", "one file says everything; copy the lines here"),
    "bfd_instance": Word("", "there is no BFD; make a check such as `gateway: {icmp: 10.77.0.1}`"),
    **dict.fromkeys(
        (
            "notification_email",
            "notification_email_from",
            "smtp_server",
            "smtp_connect_timeout",
            "smtp_alert",
        ),
        Word("", "the metrics are what to alert on; remove it"),
    ),
    **dict.fromkeys(
        ("vrrp_garp_interval", "vrrp_gna_interval", "vrrp_garp_master_repeat", "vrrp_garp_master_refresh"),
        _ANNOUNCED,
    ),
}
"""Words at the top of keepalived.conf and of `global_defs`, as they are met at the top of the file."""

"""The keywords of `vrrp_instance`."""

from typing import Final

from sidecar.migrate.draft import Draft, keep, keep_first, keep_version
from sidecar.migrate.rule import Table, decide, dropped, each, mapped, near

ANNOUNCED: Final = (
    "ours are fixed: five announcements in 4.4 s after a takeover, and one every 10 s while the VIP is held"
)
NOTIFIED: Final = (
    "`post_acquire` for notify_master, `post_release` for notify_backup and notify_stop, `post_fault` for "
    "notify_fault, all three for notify; with the arguments of notify, one after the other, and waited for"
)
NO_HOOK: Final = "a master that hears a lesser one announces again by itself, and runs nothing"
ALWAYS: Final = "always so here"
NO_USER: Final = "a program runs as the user of the observer, without any capability"
_ROUTES: Final = "only addresses move here; keep it with the system's own means, or stay with keepalived"
NAMED: Final = "the virtual MAC's interface is named vrrp4-VRID or vrrp6-VRID"
_CHECKED: Final = "the checks that decide for this router"

INSTANCE: Final[Table[Draft]] = {
    "state": dropped("the host with the highest priority serves, whatever it begins as", keep),
    "interface": mapped("virtual_routers.<name>.interface", keep),
    "virtual_router_id": mapped("", keep),
    "priority": mapped("virtual_routers.<name>.priority", keep, "in `.env`, because the hosts differ in it"),
    "advert_int": mapped("", keep, "version 2: whole seconds, as keepalived rounds it"),
    "version": mapped(
        "virtual_routers.<name>.version", keep_version, "keepalived's default for IPv4 is 2, ours 3"
    ),
    "vrrp_version": decide("keepalived knows it in global_defs alone, and ignores it here: write `version`"),
    "authentication": mapped("", keep, "PASS: the first 8 characters; AH has no equal; version 3 has none"),
    "auth_hmac": mapped("", keep, "keys in files of their own; needs keepalived 2.4.2 or later"),
    "virtual_ipaddress": mapped("", keep, "without a prefix /32 or /128"),
    "virtual_ipaddress_excluded": decide(
        "every VIP is advertised here; not before both hosts have moved", keep
    ),
    "unicast_src_ip": mapped("", keep),
    "unicast_peer": mapped("", keep, "all hosts of the pair, each drops itself"),
    "unicast_ttl": near("", "ours sends 255, and takes what arrives with this or more", keep),
    "mcast_src_ip": mapped("", keep),
    "nopreempt": mapped("", keep, "without effect in keepalived beside `state MASTER` and priority 255"),
    "preempt": mapped("virtual_routers.<name>.preempt", keep),
    "preempt_delay": mapped(
        "virtual_routers.<name>.preempt_delay",
        keep,
        "without effect in keepalived beside `state MASTER` and `nopreempt`",
    ),
    "use_vmac": mapped("", keep, NAMED),
    "no_accept": mapped("", keep),
    "accept": dropped(ALWAYS),
    "v3_checksum_as_v2": mapped("", keep, "version 3 over IPv4 alone"),
    "track_script": mapped("", keep, _CHECKED),
    "track_process": mapped("", keep, _CHECKED),
    "track_interface": mapped("", keep, "a `link` check; the router's own interface is always watched"),
    "track_file": near("", "a `file` check: the file is there or not, its number is not read", keep),
    "track_bfd": decide("there is no BFD; an `icmp` check of the same neighbour is near"),
    "dont_track_primary": dropped("a router cannot serve on an interface that is down"),
    "track_src_ip": dropped(ALWAYS),
    "skip_check_adv_addr": dropped("an advert counts if it names one of our VIPs"),
    "check_unicast_src": dropped(ALWAYS),
    "strict_mode": near(
        "", "keepalived then sends no password and drops what is sent to the VIPs; ours accepts it", keep
    ),
    "down_timer_adverts": decide("three missed adverts count here, as in RFC 9568", keep),
    "use_ipvlan": decide("there is no ipvlan here; `virtual_mac: true` is a macvlan"),
    "virtual_routes": decide(_ROUTES),
    "virtual_rules": decide(_ROUTES),
    "owner_ignore_adverts": dropped("an address owner yields to nobody"),
    "timer_expired_backup": dropped("a host that was late hears what came meanwhile before it decides"),
    **each(
        "lvs_sync_daemon_interface lvs_sync_daemon lvs_sync_daemon_inteface",
        decide("there is no LVS here; pools of nginx need no synchronisation"),
    ),
    "unicast_fault_no_peer": dropped("`unicast` without peers is a mistake here"),
    **each(
        "notify notify_master notify_backup notify_fault notify_stop",
        near("", NOTIFIED, keep_first),
    ),
    "notify_deleted": decide(
        "a router that a reload removes is stopped: `pre_release`, `post_release`", keep_first
    ),
    "notify_master_rx_lower_pri": decide(NO_HOOK, keep_first),
    **each(
        "garp_master_delay garp_master_repeat garp_lower_prio_delay garp_lower_prio_repeat "
        "garp_master_refresh "
        "garp_master_refresh_repeat garp_interval gna_interval garp_extra_if vmac_garp_intvl",
        near("", ANNOUNCED),
    ),
    **each(
        "higher_prio_send_advert lower_prio_no_advert",
        dropped("fixed here: one more advert before yielding, none in answer to a lower one"),
    ),
    **each("vmac_xmit_base use_vmac_addr vmac_addr", dropped("adverts leave from the interface itself")),
    **each("native_ipv6 no_virtual_ipaddress debug", dropped("not needed here")),
    **each("old_unicast_checksum", dropped("a checksum of keepalived before 1.3.6")),
    **each(
        "promote_secondaries", dropped("a VIP here never becomes a host's own address, nor deletes others")
    ),
    **each("linkbeat_use_polling", dropped("the kernel tells of a link at once")),
    **each("smtp_alert notify_priority_changes log_unknown_vrids", dropped("alert on the metrics")),
    **each("kernel_rx_buf_size thread_timer_expired", dropped("not needed here")),
    **each("vrf net_namespace", decide("run the sidecar in that network namespace")),
    **each(
        "mcast_dst_ip", decide("adverts go to 224.0.0.18 and ff02::12 alone; use unicast for another group")
    ),
}

AUTHENTICATION: Final[Table[Draft]] = {
    "auth_type": mapped("", keep),
    "auth_pass": mapped("", keep),
}
HMAC: Final[Table[Draft]] = {
    "active_key": mapped("", keep, "the first of the list signs"),
    "mode": mapped("virtual_routers.<name>.auth.mode", keep),
    "time_window": mapped("virtual_routers.<name>.auth.window", keep),
    "anti_replay": near("", "always by the clock here", keep),
}

GROUP: Final[Table[Draft]] = {
    "group": mapped("sync_groups.<name>", keep),
    **{word: INSTANCE[word] for word in ("track_script", "track_process", "track_interface", "track_file")},
    "track_bfd": INSTANCE["track_bfd"],
    "global_tracking": dropped("the members have these checks each"),
    "sync_group_tracking_weight": dropped("weights of checks move the members' priorities, all alike"),
    **{word: INSTANCE[word] for word in ("smtp_alert", "notify_priority_changes")},
    **each(
        "notify notify_master notify_backup notify_fault notify_stop notify_deleted",
        decide("each member has hooks of its own: write `hooks:` of one of them", keep_first),
    ),
}

SCRIPT: Final[Table[Draft]] = {
    "script": mapped("", keep, "recognised as a check of its own kind, else run by `exec`"),
    "interval": mapped("", keep),
    "timeout": mapped("checks.<name>.timeout", keep, "default in keepalived: `interval`"),
    "weight": mapped("checks.<name>.weight", keep, "0 or absent: required; `reverse` has no equal"),
    "rise": mapped("checks.<name>.rise", keep, "keepalived's default is 1, ours 2"),
    "fall": mapped("checks.<name>.fall", keep, "keepalived's default is 1, ours 2"),
    "user": dropped(NO_USER, keep),
    "init_fail": dropped("no host takes over before the first results are there"),
}

PROCESS: Final[Table[Draft]] = {
    "process": mapped("checks.<name>.process", keep),
    "weight": mapped("checks.<name>.weight", keep),
    "quorum": near("", "one process is enough here", keep),
    "quorum_max": decide("too many processes are no failure here"),
    "param_match": decide("a process is known by its name alone here"),
    "full_command": decide("a process is known by its name alone here"),
    **each("fork_delay terminate_delay delay", near("", "a process that began or ended counts at once here")),
}

FLAG: Final[Table[Draft]] = {
    "file": mapped("checks.<name>.file", keep),
    "weight": mapped("checks.<name>.weight", keep),
    "init_file": dropped("no file is written here"),
}

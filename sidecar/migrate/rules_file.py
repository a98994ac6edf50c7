"""The keywords at the top of a file and of `global_defs`."""

from typing import Final

from sidecar.migrate.draft import Document, Draft, keep, keep_first
from sidecar.migrate.finding import Findings
from sidecar.migrate.rule import Table, apply, decide, dropped, each, mapped, near
from sidecar.migrate.rules_instance import ANNOUNCED, FLAG, GROUP, INSTANCE, NAMED, NO_USER, PROCESS, SCRIPT
from sidecar.migrate.rules_server import VIRTUAL_SERVER
from sidecar.migrate.tree import Statement

_ALERT: Final = "alert on the metrics, by Prometheus and Alertmanager"
_HOST: Final = "belongs into the host's own network configuration"
_SCHEDULING: Final = "the process that sends adverts does nothing else; leave its scheduling to the system"
_KERNEL: Final = "the kernel is asked in another way here"
_RELOAD: Final = "a configuration is checked before it is used, always"
_NOTHING: Final = "there is nothing of the kind here"

GLOBAL: Final[Table[Draft]] = {
    "router_id": mapped("", keep, "the name of the host in log and status, in `.env`"),
    "lvs_id": mapped("", keep),
    "vrrp_version": mapped("", keep, "in each virtual router"),
    "vrrp_strict": near(
        "", "keepalived then sends no password and drops what is sent to the VIPs; ours accepts it", keep
    ),
    "script_user": dropped(NO_USER, keep),
    "enable_script_security": dropped("always so: a program that others can change is not run"),
    "notification_email": dropped(_ALERT),
    **each(
        "notification_email_from smtp_server smtp_connect_timeout smtp_helo_name "
        "smtp_alert",
        dropped(_ALERT)),
    **each(
        "smtp_alert_vrrp smtp_alert_checker no_email_faults email_faults no_checker_emails "
        "vrrp_notify_priority_changes",
        dropped(_ALERT)),
    **each(
        "enable_traps enable_snmp_vrrp enable_snmp_keepalived enable_snmp_rfc "
        "enable_snmp_rfcv2",
        dropped(_ALERT)),
    **each(
        "enable_snmp_rfcv3 enable_snmp_checker snmp_socket snmp_name snmp_vs_stats_update_interval "
        "snmp_rs_stats_update_interval enable_dbus dbus_service_name dbus_no_interface_name",
        dropped(_ALERT)),
    **each(
        "vrrp_garp_master_delay vrrp_garp_master_repeat vrrp_garp_lower_prio_delay "
        "vrrp_garp_lower_prio_repeat "
        "vrrp_garp_master_refresh vrrp_garp_master_refresh_repeat vrrp_garp_interval vrrp_gna_interval "
        "vrrp_min_garp vrrp_garp_extra_if vrrp_vmac_garp_intvl",
        near("", ANNOUNCED),
    ),
    **each("vrrp_skip_check_adv_addr", INSTANCE["skip_check_adv_addr"]),
    **each("vrrp_check_unicast_src", INSTANCE["check_unicast_src"]),
    **each("vrrp_higher_prio_send_advert vrrp_lower_prio_no_advert", INSTANCE["higher_prio_send_advert"]),
    **each("vrrp_owner_ignore_adverts", INSTANCE["owner_ignore_adverts"]),
    **each("vrrp_down_timer_adverts", INSTANCE["down_timer_adverts"]),
    "v3_checksum_as_v2": mapped("virtual_routers.<name>.v4_pseudo_header", keep, "version 3 over IPv4 alone"),
    **each("log_unknown_vrids", INSTANCE["log_unknown_vrids"]),
    **each("vrrp_unicast_fault_no_peer", INSTANCE["unicast_fault_no_peer"]),
    **each(
        "vrrp_mcast_group4 vrrp_mcast_group6",
        decide("adverts go to 224.0.0.18 and ff02::12 alone; use unicast for another group", keep),
    ),
    "vrrp_startup_delay": mapped("virtual_routers.<name>.startup_delay", keep, "in each virtual router"),
    "vrrp_delay_after_boot": decide(
        "it counts from the boot of the host: write a `startup_delay` for each virtual router, which counts "
        "from the start of the sidecar"
    ),
    **each("startup_script shutdown_script startup_script_timeout shutdown_script_timeout", decide(
        "hooks are run when a router moves; let the unit or compose file run it")),
    **each("notify_fifo vrrp_notify_fifo lvs_notify_fifo", decide(
        "follow the log, or /status.json", keep_first)),
    **each(
        "notify_fifo_script vrrp_notify_fifo_script "
        "lvs_notify_fifo_script",
        decide("follow the log, or /status.json")),
    **each("vrrp_iptables vrrp_ipsets nftables nftables_priority nftables_counters nftables_ifindex", dropped(
        "no rules of a packet filter are written unless `accept: false`")),
    **each("disable_local_igmp use_pid_dir child_wait_time", dropped("not needed here")),
    **each(
        "vrrp_priority bfd_priority checker_priority vrrp_rt_priority checker_rt_priority bfd_rt_priority "
        "vrrp_rlimit_rttime vrrp_rlimit_rtime vrrp_no_swap checker_no_swap bfd_no_swap vrrp_cpu_affinity "
        "checker_rlimit_rttime checker_rlimit_rtime bfd_rlimit_rttime bfd_rlimit_rtime lvs_process_name "
        "checker_cpu_affinity bfd_cpu_affinity max_auto_priority min_auto_priority_delay "
        "process_names process_name "
        "vrrp_process_name checker_process_name bfd_process_name",
        dropped(_SCHEDULING),
    ),
    **each(
        "vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs "
        "vrrp_netlink_monitor_rcv_bufs_force lvs_netlink_cmd_rcv_bufs lvs_netlink_monitor_rcv_bufs "
        "lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs_force vrrp_rx_bufs_policy "
        "vrrp_rx_bufs_multiplier process_monitor_rcv_bufs process_monitor_rcv_bufs_force "
        "linkbeat_use_polling",
        dropped(_KERNEL),
    ),
    **each(
        "reload_check_config reload_time_file reload_repeat reload_file reload_date_specified "
        "config_save_dir "
        "data_use_instance state_dump_file stats_dump_file json_dump_file "
        "json_version tmp_config_directory fifo_write_vrrp_states_on_reload "
        "vrrp_notify_fifo_config_reload umask random_seed",
        dropped(_RELOAD),
    ),
    **each(
        "lvs_timeouts lvs_flush lvs_flush_on_stop lvs_flush_onstop lvs_sync_daemon checker_log_all_failures "
        "rs_init_notifies update_vs_rs_weights_on_reload default_interface_lvs",
        dropped("there is no LVS here; see virtual_server"),
    ),
    "default_interface": dropped("for static addresses alone: each instance names its own"),
    **each("dynamic_interfaces", dropped("always so: an interface may come and go")),
    **each("net_namespace net_namespace_ipvs namespace_with_ipsets instance", decide(
        "run the sidecar in that network namespace")),
    **each(
        "script_security set_supplementary_groups use_symlink_paths iproute_usr_dir iproute_etc_dir "
        "nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark",
        dropped(_NOTHING),
    ),
    **each("vmac_prefix vmac_addr_prefix", dropped(NAMED)),
}  # fmt: skip


def _globals(document: Document, statement: Statement, findings: Findings) -> None:
    apply(GLOBAL, statement.body, document.global_defs, findings)


def _instance(document: Document, statement: Statement, findings: Findings) -> None:
    _used(document.instances, INSTANCE, statement, findings)


def _group(document: Document, statement: Statement, findings: Findings) -> None:
    _used(document.groups, GROUP, statement, findings)


def _used(found: list[Draft], table: Table[Draft], statement: Statement, findings: Findings) -> None:
    """Add a block, unless keepalived skips it."""
    names = {draft.name: draft.opening.place.line for draft in found}
    draft = Draft(statement)
    if len(statement.values) != 1:
        findings.decide(statement, "it has not one name: keepalived skips it, and so does this")
    elif draft.name in names:
        findings.decide(
            statement,
            f"this name is taken in line {names[draft.name]}: keepalived skips this one, and so does this",
        )
    else:
        found.append(draft)
        apply(table, statement.body, draft, findings)


def _script(document: Document, statement: Statement, findings: Findings) -> None:
    _named(document.scripts, SCRIPT, statement, findings)


def _process(document: Document, statement: Statement, findings: Findings) -> None:
    _named(document.processes, PROCESS, statement, findings)


def _flag(document: Document, statement: Statement, findings: Findings) -> None:
    _named(document.flags, FLAG, statement, findings)


def _named(found: dict[str, Draft], table: Table[Draft], statement: Statement, findings: Findings) -> None:
    draft = Draft(statement)
    if not draft.name:
        findings.decide(statement, f"this {statement.keyword} has no name, so nothing can refer to it")
        return
    if draft.name in found:
        findings.decide(
            statement, f"a {statement.keyword} of this name is there already; this one is left out"
        )
        return
    found[draft.name] = draft
    apply(table, statement.body, draft, findings)


def _virtual_server(document: Document, statement: Statement, findings: Findings) -> None:
    draft = Draft(statement)
    document.virtual_servers.append(draft)
    apply(VIRTUAL_SERVER, statement.body, draft, findings)


FILE: Final[Table[Document]] = {
    "global_defs": mapped("", _globals, "below"),
    "vrrp_instance": mapped("", _instance, "below"),
    "vrrp_sync_group": mapped("", _group, "below"),
    "vrrp_script": mapped("", _script, "below"),
    "vrrp_track_process": mapped("", _process, "below"),
    "vrrp_track_file": mapped("", _flag, "below"),
    "track_file": mapped("", _flag, "below"),
    "virtual_server": near("", "nginx instead of LVS: a proxy in user space, for HTTP", _virtual_server),
    "virtual_server_group": decide("write one pool for each address and port"),
    "bfd_instance": decide("there is no BFD; an `icmp` check of the same neighbour is near"),
    "SSL": decide("a pool's check has `ca`; client certificates it has none"),
    "garp_group": near("", ANNOUNCED),
    "interface_up_down_delays": decide("a link check has `rise` and `fall` instead, which count looks"),
    **each("static_ipaddress static_routes static_rules track_group", dropped(_HOST)),
    **each("linkbeat_interfaces linkbeat_use_polling", dropped("the kernel tells of a link at once")),
    **each("net_namespace net_namespace_ipvs namespace_with_ipsets instance", decide(
        "run the sidecar in that network namespace")),
    **each("use_pid_dir child_wait_time process_names", dropped("not needed here")),
}  # fmt: skip

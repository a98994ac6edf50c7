"""The keywords of `virtual_server`, `real_server` and their checkers."""

from typing import Final

from sidecar.migrate.draft import Draft, keep
from sidecar.migrate.finding import Findings
from sidecar.migrate.rule import Table, decide, dropped, each, mapped, near
from sidecar.migrate.tree import Statement

_NO_SCRIPTS: Final = "a pool runs no program; follow the metrics of the pool"
_NO_LVS: Final = "nginx is a proxy: there is no forwarding in the kernel"
_NO_CHECKER: Final = "a pool's check is icmp, tcp and http; write one of these"
_SOURCE: Final = "the system chooses the source of probes here"

CHECKER_NAMES: Final = frozenset(
    [
        "TCP_CHECK",
        "HTTP_GET",
        "SSL_GET",
        "PING_CHECK",
        "UDP_CHECK",
        "DNS_CHECK",
        "SMTP_CHECK",
        "MISC_CHECK",
        "FILE_CHECK",
        "BFD_CHECK",
    ]
)

_CHECKERS: Final[Table[Draft]] = {
    "TCP_CHECK": mapped("", keep),
    "HTTP_GET": mapped("", keep),
    "SSL_GET": mapped("", keep, "the certificate is not verified, as in keepalived"),
    "PING_CHECK": mapped("", keep),
    **each("MISC_CHECK UDP_CHECK DNS_CHECK SMTP_CHECK FILE_CHECK BFD_CHECK", decide(_NO_CHECKER, keep)),
}

_TIMES: Final[Table[Draft]] = {
    "delay_loop": mapped("", keep, "keepalived's default is 60 s"),
    "connect_timeout": mapped("", keep, "keepalived's default is 5 s"),
    "retry": mapped("", keep, "`fall` is one more"),
    "nb_get_retry": mapped("pools.<name>.check.fall", keep, "`fall` is one more"),
    "delay_before_retry": near("", "a probe is repeated after `every` here"),
    "warmup": dropped("the first probe is at once, with jitter"),
}


def _real(draft: Draft, statement: Statement, _: Findings) -> None:
    """Keep each server: they are several under one keyword."""
    draft.said[f"real_server {len(draft.said)}"] = statement


VIRTUAL_SERVER: Final[Table[Draft]] = {
    **_TIMES,
    **_CHECKERS,
    "real_server": mapped("", _real),
    "sorry_server": mapped("", keep),
    "sorry_server_inhibit": dropped("the sorry server gets requests only while none passes"),
    "sorry_server_lvs_method": dropped(_NO_LVS),
    "protocol": near("", "TCP alone, and HTTP in it", keep),
    "lb_algo": near("", "rr and wrr: nginx's own; lc, wlc, sed, nq: least_conn; sh, mh: ip_hash", keep),
    "lvs_sched": near("", "rr and wrr: nginx's own; lc, wlc, sed, nq: least_conn; sh, mh: ip_hash", keep),
    "persistence_timeout": near("", "ip_hash: for good, by the first three bytes of IPv4", keep),
    "persistence_granularity": dropped("see persistence_timeout"),
    "persistence_engine": decide("SIP persistence has no equal"),
    "virtualhost": mapped("pools.<name>.check.host", keep),
    "quorum": near("", "one server that passes is enough here", keep),
    "hysteresis": dropped("see quorum"),
    "alpha": dropped("no server gets requests before it has passed, but all do while none has"),
    "omega": dropped("nothing is left to take down at the end"),
    "inhibit_on_failure": dropped("a server that fails gets no requests and keeps its place"),
    "ha_suspend": dropped("pools are kept on every host"),
    "nat_mask": dropped(_NO_LVS),
    "weight": mapped("pools.<name>.servers[].weight", keep),
    **each(
        "lb_kind lvs_method ip_family hashed flag-1 flag-2 flag-3 sh-port sh-fallback mh-port "
        "mh-fallback",
        dropped(
        _NO_LVS)),
    **each("ops snat_ip", decide(_NO_LVS)),
    **each("quorum_up quorum_down", decide(_NO_SCRIPTS)),
    **each("smtp_alert log_all_failures snmp_name", dropped("alert on the metrics")),
}  # fmt: skip

REAL_SERVER: Final[Table[Draft]] = {
    **_TIMES,
    **_CHECKERS,
    "weight": mapped("pools.<name>.servers[].weight", keep),
    "inhibit_on_failure": dropped("a server that fails gets no requests and keeps its place"),
    "virtualhost": mapped("pools.<name>.check.host", keep),
    "uthreshold": near("pools.<name>.server_options", "`max_conns`, the same for all servers", keep),
    "lthreshold": dropped("nginx has no lower threshold"),
    "alpha": dropped("no server gets requests before it has passed, but all do while none has"),
    **each("lb_kind lvs_method", dropped(_NO_LVS)),
    **each("snat_ip", decide(_NO_LVS)),
    **each("notify_up notify_down", decide(_NO_SCRIPTS)),
    **each("smtp_alert log_all_failures snmp_name", dropped("alert on the metrics")),
}


def _url(draft: Draft, statement: Statement, findings: Findings) -> None:
    """Keep the first page: keepalived asks for all of them."""
    if draft.said.setdefault("url", statement) is not statement:
        findings.decide(statement, "a pool asks for one page, the first: write one that needs the others")


CHECKER: Final[Table[Draft]] = {
    **_TIMES,
    "url": mapped("pools.<name>.check.http", _url),
    "virtualhost": mapped("pools.<name>.check.host", keep),
    "connect_port": mapped("pools.<name>.check.port", keep),
    "connect_ip": decide("a pool probes the server itself; a checker elsewhere has no equal"),
    "http_protocol": dropped("HTTP/1.1 is spoken here"),
    "fast_recovery": dropped("a server returns after `rise` successes"),
    "enable_sni": dropped("TLS asks for the name in `host`"),
    "sni_name": mapped("pools.<name>.check.sni", keep),
    "tls_compliant": dropped("not needed here"),
    **each("bindto bind_port bind_if fwmark", dropped(_SOURCE)),
    **each("log_all_failures smtp_alert", dropped("alert on the metrics")),
    **each("alpha", dropped("no server gets requests before it has passed, but all do while none has")),
}

URL: Final[Table[Draft]] = {
    "path": mapped("pools.<name>.check.http", keep),
    "status_code": mapped("pools.<name>.check.expect.status", keep, "keepalived's default is 200-299"),
    "virtualhost": mapped("pools.<name>.check.host", keep),
    "digest": decide("a page is not compared as a whole; write a text of it as `expect: {body: ...}`"),
    **each("regex regex_no_match regex_options regex_min_offset regex_max_offset regex_stack", decide(
        "a pool looks for a text, `expect: {body: ...}`, and for no pattern")),
    "tls_compliant": dropped("not needed here"),
}  # fmt: skip

"""Which values of a file come from the environment: their keys, places and variables, and no secret.

Modules: plan.changes.surroundings.
"""

from sidecar.config.load import parse
from sidecar.config.plan import plan_of
from sidecar.plan.changes.surroundings import kept_environment
from sidecar.plan.plan import FromEnvironment

FILE = """\
node: ${NODE:-}
virtual_routers:
  web:
    interface: lo
    vrid: 51
    priority: ${PRIORITY:?250 or 240}
    version: 2
    addresses: ["10.0.0.${LAST:-100}"]
    auth: {pass: "${VRRP_PASS}"}
"""


def test_each_value_is_named_with_its_place_and_its_variable() -> None:
    environ = {"PRIORITY": "250", "VRRP_PASS": "hunTer2", "UNUSED": "x"}
    observer = plan_of(parse(FILE, "f", environ, "host-a")).observer
    assert observer.from_environment == (
        FromEnvironment("node", 1, 7, "NODE", is_set=False),
        FromEnvironment("virtual_routers.web.priority", 6, 15, "PRIORITY", is_set=True),
        FromEnvironment("virtual_routers.web.addresses[0]", 8, 17, "LAST", is_set=False),
        FromEnvironment("virtual_routers.web.auth.pass", 9, 18, "VRRP_PASS", is_set=True),
    )
    said = kept_environment(observer.from_environment)
    assert said == (
        "from the environment, which a running process keeps: node (NODE, not set: the default), "
        "virtual_routers.web.priority (PRIORITY), virtual_routers.web.addresses[0] (LAST, not set: the "
        "default), virtual_routers.web.auth.pass (VRRP_PASS); a changed .env needs `docker compose up -d`, "
        "a changed env of the systemd unit `systemctl restart vip-sidecar`"
    )
    assert "hunTer2" not in repr(observer)


def test_a_file_without_variables_says_nothing() -> None:
    text = FILE.replace("${NODE:-}", "a").replace("${PRIORITY:?250 or 240}", "1")
    text = text.replace("${LAST:-100}", "100").replace("${VRRP_PASS}", "$${VRRP_PASS}"[:8])
    observer = plan_of(parse(text, "f", {}, "host-a")).observer
    assert observer.from_environment == ()
    assert kept_environment(observer.from_environment) == ""

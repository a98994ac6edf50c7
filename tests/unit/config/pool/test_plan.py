"""What a pool of the configuration becomes: by default no visitor can take a server from the others."""

import pytest

from sidecar.config.load import parse
from sidecar.config.pool.plan import pool_params

FILE = """
virtual_routers:
  web: {{interface: eth0, vrid: 51, priority: 250, addresses: [10.0.0.100]}}
pools:
  app:
    upstream: app
    servers: ["10.0.0.21:8080"]
    file: /etc/nginx/pools/app.conf
    reload: {{pid_file: /run/nginx.pid}}
    {options}
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", ("max_fails=0",)),
        ("server_options: []", ("max_fails=0",)),
        ("server_options: [max_conns=100]", ("max_fails=0", "max_conns=100")),
        ("server_options: [fail_timeout=5s]", ("max_fails=0", "fail_timeout=5s")),
        ("server_options: [max_conns=100, max_fails=0]", ("max_conns=100", "max_fails=0")),
        ("server_options: [max_fails=3]", ("max_fails=3",)),
    ],
)
def test_passive_checks_are_on_only_where_the_file_says_so(options: str, expected: tuple[str, ...]) -> None:
    config = parse(FILE.format(options=options), "test.yaml", {}, "a").config
    assert pool_params("app", config.pools["app"]).server_options == expected

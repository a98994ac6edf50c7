"""What the usual scripts ask, as checks of our own kinds; what is not understood whole is not guessed."""

import pytest

from sidecar.migrate.command import command
from sidecar.migrate.script_text import script

ASKED = [
    ("killall -0 nginx", "process", "nginx"),
    ("/usr/bin/killall -s 0 haproxy", "process", "haproxy"),
    ("pidof -x nginx >/dev/null", "process", "nginx"),
    ("pgrep -x '[n]ginx'", "process", "nginx"),
    ("sudo timeout 2 pidof nginx", "process", "nginx"),
    ("kill -0 `cat /var/run/nginx.pid`", "process", "nginx"),
    ('kill -0 "$(cat /run/haproxy.pid)"', "process", "haproxy"),
    ("systemctl --quiet is-active nginx.service", "process", "nginx"),
    ("ps -C nginx --no-header | wc -l", "process", "nginx"),
    ("ps aux | grep -v grep | grep nginx", "process", "nginx"),
    ("curl -f localhost:8088/x?y=1#z", "http", "http://127.0.0.1:8088/x?y=1"),
    ("curl -f http://[::1]:8088/", "http", "http://[::1]:8088/"),
    ("wget -qO- http://10.0.0.1/", "http", "http://10.0.0.1/"),
    ("nc -z localhost 80", "tcp", "127.0.0.1:80"),
    ("ncat -w1 -z ::1 443", "tcp", "[::1]:443"),
    ("</dev/tcp/127.0.0.1/80", "tcp", "127.0.0.1:80"),
    ("netstat -ltn | grep LISTEN | grep :8080", "tcp", "127.0.0.1:8080"),
    ("ping6 -c1 fe80::1", "icmp", "fe80::1"),
    ("test -e /run/ready", "file", "/run/ready"),
    ("docker ps | grep -q web_1", "container", "web_1"),
]
NOT_ASKED = [
    "",
    "|",
    "killall nginx",
    "killall -0 nginx haproxy",
    "pidof",
    "pgrep nginx; rm -rf /",
    "pidof nginx || systemctl start nginx",
    "curl -f -d data http://127.0.0.1/",
    "curl -f --unheard-of http://127.0.0.1/",
    "curl -f http://a/ http://b/",
    "curl -m",
    "nc -z 127.0.0.1 99999",
    "ping gateway.example.org",
    "[ -d /run ]",
    "[ -f relative ]",
    "ps -ef",
    "docker ps | grep 'a b'",
    "systemctl is-active nginx haproxy",
    "echo 'open",
    "nginx -t",
]


@pytest.mark.parametrize(("text", "kind", "value"), ASKED, ids=str)
def test_a_command_is_recognised(text: str, kind: str, value: str) -> None:
    found = command(text)
    assert found is not None
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.parametrize("text", NOT_ASKED)
def test_a_command_that_asks_something_else_is_not(text: str) -> None:
    assert command(text) is None


def test_curl_without_fail_is_content_with_any_answer() -> None:
    loose, strict = command("curl -s http://127.0.0.1/"), command("curl -sf http://127.0.0.1/")
    assert loose is not None
    assert strict is not None
    assert loose.keys == {"expect.status": "100-599"}
    assert strict.keys == {}


def test_ping_passes_if_one_of_its_requests_is_answered() -> None:
    found = command("ping -c 3 192.0.2.1")
    assert found is not None
    assert found.keys == {"count": 3, "max_loss": "67%"}


DEAD_IS_ONE = "#!/bin/sh\nif ! pidof nginx; then\n  exit 1\nfi\nexit 0\n"
UNDERSTOOD = [
    DEAD_IS_ONE,
    "pidof nginx",
    "pidof nginx || exit 1",
    "pidof nginx && exit 0 || exit 1",
    "if pidof nginx; then exit 0; else exit 1; fi",
    "pidof nginx\nif [ $? -ne 0 ]; then exit 1; fi",
    "pidof nginx\nexit $?",
    "n=$(pgrep -c nginx)\nif [ $n -eq 0 ]; then exit 1; fi",
    "n=`pgrep nginx | wc -l`\nif [ $n -lt 1 ]; then exit 1; fi",
    'p=$(pidof nginx)\nif [ -z "$p" ]; then exit 1; fi',
    'p=$(pidof nginx)\nif [ -n "$p" ]; then exit 0; else exit 1; fi',
    "if [ $(pgrep -c nginx) -gt 0 ]; then exit 0; else exit 3; fi",
]
NOT_UNDERSTOOD = [
    "",
    "exit 0",
    "echo alive",
    "pidof nginx && exit 1",
    "if pidof nginx; then exit 1; fi",
    "if ! pidof nginx; then exit 0; fi; exit 1",
    "n=$(pgrep -c nginx)\nif [ $n -gt 0 ]; then exit 1; fi",
    "pidof nginx || exit 1\npidof php-fpm || exit 1",
    "pidof nginx || exit 1\nrm -f /tmp/x",
    "while true; do pidof nginx; done",
    "for i in 1 2; do pidof nginx; done",
    "if pidof nginx; then exit 0",
    "fi",
    "else",
    "case $1 in\nx) pidof nginx;;\nesac",
    "[ $n -eq 0 ] && exit 1",
    "pidof nginx || exit 1 # " + "x" * 3000,
]


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_a_script_that_asks_for_a_process_is_read(text: str) -> None:
    found = script(text)
    assert found is not None
    assert found.probe.target == ("process", "nginx")


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_a_script_that_is_not_understood_whole_stays_a_program(text: str) -> None:
    assert script(text) is None


def test_a_script_that_restarts_and_stops_says_so() -> None:
    found = script(
        "#!/bin/bash\nif [ $(ps -C nginx | wc -l) -eq 0 ]; then\n  systemctl start nginx\n  sleep 2\n"
        "  if [ $(ps -C nginx | wc -l) -eq 0 ]; then\n    systemctl stop keepalived\n  fi\nfi\n"
    )
    assert found is not None
    assert (found.starts, found.stops) == (True, True)

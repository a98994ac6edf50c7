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
    ("pgrep -f 'nginx: master process'", "process", "nginx"),
    ("systemctl status nginx | grep -q 'active (running)'", "process", "nginx"),
    ("netstat -antp | grep 4991 | grep -i listen | wc -l", "tcp", "127.0.0.1:4991"),
    ("bash -c 'exec 3<>/dev/tcp/127.0.0.1/80'", "tcp", "127.0.0.1:80"),
    ("</run/nginx.pid", "file", "/run/nginx.pid"),
    ("[[ ! -e /srv/flags/down ]]", "file", "/srv/flags/down"),
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
    "pidof nginx && </dev/tcp/127.0.0.1/80",
    "kill -0 $(cat /run/nginx.pid) && curl -f http://127.0.0.1/",
    "pgrep -f /srv/shop.jar",
    "ps -ef | grep -v grep | grep haproxy.cfg",
    "systemctl status nginx | grep -q enabled",
    "curl -s -o /dev/null http://127.0.0.1/ | grep ok",
    "curl -s -w '%{http_code}' http://127.0.0.1/ | grep 200",
    "curl -s -o /dev/null -w '%{time_total}' http://127.0.0.1/ | grep 200",
    "curl -sI http://127.0.0.1/ | grep nginx",
    "curl -s http://127.0.0.1/ | grep -i ok",
    "curl -s http://127.0.0.1/ | grep ok | grep -v error",
    "wget -q http://127.0.0.1/ | grep ok",
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


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("curl -sf http://127.0.0.1/ | grep Welcome", {"expect.body": "Welcome"}),
        ("curl -sf -o - http://127.0.0.1/ | grep -i 4711", {"expect.body": "4711"}),
        ("wget -qO- http://127.0.0.1/ | grep Welcome", {"expect.body": "Welcome"}),
        ("curl -sfo /dev/null -w '%{http_code}' http://127.0.0.1/ | grep 200", {"expect.status": "200"}),
        (
            "curl -sfI http://127.0.0.1/ | head -1 | grep -q '200 OK'",
            {"method": "HEAD", "expect.status": "200"},
        ),
        ("curl -sfi http://127.0.0.1/ | grep 'HTTP/1.1 204'", {"expect.status": "204"}),
    ],
)
def test_what_is_sought_is_in_the_body_or_is_the_status(text: str, keys: dict[str, str]) -> None:
    found = command(text)
    assert found is not None
    assert found.keys == keys


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
    "test $(pgrep -c nginx) -gt 0",
    '[ -n "$(pidof nginx)" ]',
    'if [ -z "`pidof nginx`" ]; then exit 1; fi',
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
    "pidof nginx\nexit 0",
    "pidof nginx; exit 1",
    "[ $(pgrep -c nginx) -eq 0 ]",
    "if [ -f /srv/down ]; then exit 1; fi\npidof nginx || exit 1",
    "if [ -f /srv/down ]; then exit 1; else exit 1; fi",
]


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_a_script_that_asks_for_a_process_is_read(text: str) -> None:
    found = script(text)
    assert found is not None
    assert found.probe.target == ("process", "nginx")


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_a_script_that_is_not_understood_whole_stays_a_program(text: str) -> None:
    assert script(text) is None


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("[[ -f /srv/down ]] && exit 1 || exit 0", {}),
        ("if [ -e /srv/down ]; then exit 1; fi\nexit 0", {}),
        ("if [ ! -e /srv/down ]; then exit 0; fi\nexit 1", {}),
        ("if [ ! -f /srv/down ]; then exit 1; fi", {"present": True}),
        ("[ -f /srv/down ] || exit 1", {"present": True}),
    ],
)
def test_a_file_is_wanted_or_is_not(text: str, keys: dict[str, object]) -> None:
    found = script(text)
    assert found is not None
    assert found.probe.target == ("file", "/srv/down")
    assert found.probe.keys == keys


@pytest.mark.parametrize(
    "text", ["[ $(pgrep -c nginx) -ge 2 ]", "n=$(pgrep -c nginx)\n[ $n -lt 3 ] && exit 1"]
)
def test_a_script_that_counts_processes_says_so(text: str) -> None:
    found = script(text)
    assert found is not None
    assert "several were counted" in found.probe.caveats[-1]


def test_a_script_that_restarts_and_stops_says_so() -> None:
    found = script(
        "#!/bin/bash\nif [ $(ps -C nginx | wc -l) -eq 0 ]; then\n  systemctl start nginx\n  sleep 2\n"
        "  if [ $(ps -C nginx | wc -l) -eq 0 ]; then\n    systemctl stop keepalived\n  fi\nfi\n"
    )
    assert found is not None
    assert (found.starts, found.stops) == (True, True)

"""The page of a real sidecar in a real browser, while its nginx dies and its router stands still."""

import os
import signal
import time
from contextlib import ExitStack

import pytest

from tests.browser.chromium import Chromium
from tests.netns.lab import Lab
from tests.netns.vrrp_daemon import Setup

pytestmark = [pytest.mark.netns, pytest.mark.alone, pytest.mark.browser]

TOLD, STUCK = 1.5, 3.0
"""Seconds until an open page tells of a dead nginx, and of a router that does not run."""


@pytest.mark.timing
def test_an_open_page_follows_what_happens_without_being_loaded_again() -> None:
    with Lab(Setup(interval=0.3)) as lab, ExitStack() as stack:
        lab.start()
        a = lab.hosts["a"]
        with a.namespace.network():
            browser = stack.enter_context(Chromium())
        browser.open("http://127.0.0.1:9650/status")
        banner = "document.getElementById('banner').textContent"
        browser.wait_for(f"{banner}.includes('serves web')")
        browser.evaluate("window.loaded = 1")
        began = time.monotonic()
        a.nginx.kill()
        browser.wait_for(f"{banner}.includes('check nginx is down')")
        dead = time.monotonic() - began
        os.kill(a.daemon.pid, signal.SIGSTOP)
        stack.callback(os.kill, a.daemon.pid, signal.SIGCONT)
        stopped_at = time.monotonic()
        browser.wait_for(f"{banner}.includes('\N{BALLOT X}')")
        stopped = time.monotonic() - stopped_at
        print(f"told of a dead nginx after {dead:.2f} s, of a stopped router after {stopped:.2f} s")
        assert "the protocol loop last ran" in browser.evaluate(banner)
        assert dead <= TOLD + lab.grace(began)
        assert stopped <= STUCK + lab.grace(stopped_at)
        assert browser.evaluate("window.loaded") == 1, "it was not loaded anew"

"""The facts of the router's process, also where nothing can be opened any more."""

import os
import resource

from sidecar.router.process_facts import ProcessFacts


def test_without_a_descriptor_left_the_facts_are_those_that_were_read_last() -> None:
    facts = ProcessFacts()
    before = facts.now(1, 2)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        assert facts.now(1, 2) == before
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (before.pid, before.lost, before.malformed) == (os.getpid(), 1, 2)

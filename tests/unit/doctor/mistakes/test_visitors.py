"""The requests of the checks, at the VIP."""

from sidecar.doctor.evidence import Visit
from sidecar.doctor.mistakes.visitors import judge
from tests.unit.doctor.handmade import VIP, evidence, problems, running, told, unseen

REFUSED = Visit("http", VIP.ip, 8088, connected=False, passed=False, detail="connection refused")
WRONG = Visit("http", VIP.ip, 8088, connected=True, passed=False, detail="status 404", local=True)


def test_a_check_that_is_up_here_and_refused_at_the_vip() -> None:
    (found,) = problems(judge(evidence(running=running(), visits=(REFUSED,))))
    assert found.evidence == "asked over the network at 192.0.2.100 port 8088: connection refused"
    assert found.mend.startswith("listen 8088;")
    (other,) = problems(judge(evidence(running=running(), visits=(WRONG,))))
    assert other.evidence == "asked on this host at 192.0.2.100 port 8088: status 404"
    assert other.mend.startswith("compare `server_name`")


def test_what_passes_or_is_down_everywhere_is_no_difference() -> None:
    fine = Visit("http", VIP.ip, 8088, connected=True, passed=True, detail="200")
    assert problems(judge(evidence(running=running(), visits=(fine,)))) == []
    down = told()
    down["checks"][0]["up"] = False
    assert problems(judge(evidence(running=running(down), visits=(REFUSED,)))) == []


def test_before_the_first_start_nobody_has_to_answer() -> None:
    assert unseen(judge(evidence())) == ["no sidecar runs here, so nobody has to answer at the VIP yet"]

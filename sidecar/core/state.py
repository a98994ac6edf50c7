"""The words of the election: states of a virtual router and the causes of its transitions."""

from enum import StrEnum


class State(StrEnum):
    """State of one virtual router. RFC 9568 section 6.4 says Initialize, Backup, Active."""

    INIT = "INIT"
    BACKUP = "BACKUP"
    MASTER = "MASTER"
    FAULT = "FAULT"


class Reason(StrEnum):
    """Cause of a transition; the value is the `reason` label of the transition counter."""

    STARTUP = "startup"
    MASTER_DOWN = "master_down_timer"
    PRIORITY_ZERO = "priority_zero"
    PREEMPT = "preempt"
    OWNER = "address_owner"
    HIGHER_PRIORITY = "higher_priority"
    HEALTH = "health"
    LINK = "link"
    ADDRESS = "address"
    VIP = "vip"
    STALL = "stall"
    SEND = "send"
    RECOVERED = "recovered"
    SYNC = "sync_group"
    DRAIN = "drain"
    SHUTDOWN = "shutdown"


class Adoption(StrEnum):
    """What became of VIPs that an earlier process has left; the value is the counter's label `result`."""

    ADOPTED = "adopted"
    """Their lease was alive: this process has gone on as MASTER."""
    CHANGED = "changed"
    """They were held under another configuration."""
    EXPIRED = "expired"
    """Their lease was over, or nearly so."""
    INCOMPLETE = "incomplete"
    """Some of them were gone."""
    SHORT_INTERVAL = "short_interval"
    """At this interval a lease is no proof that no peer has taken over."""
    UNCONFIRMED = "unconfirmed"
    """Processes have ended one after the other, and no check has had a verdict for too long."""
    UNUSABLE = "unusable"
    """This host cannot hold them now."""
    SYNC_GROUP = "sync_group"
    """Those of another router of the sync group could not be adopted."""

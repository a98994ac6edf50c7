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
    SHUTDOWN = "shutdown"

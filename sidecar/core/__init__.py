"""The decisions: pure functions of events and time, and what a host process promises to them.

Three objects, each stepped by one thread, in any process. None reads a clock, opens a socket, starts a
thread or knows the configuration file.

    Node      all virtual routers of a host         step(events, now) -> actions
    Health    rise and fall of all checks           step(events, now) -> reports
    Pool      one upstream of nginx                 step(events, now) -> actions

Time
    `now` is in seconds, of a clock that never goes back and counts while the host is suspended
    (CLOCK_BOOTTIME). All processes of a host read the same one, so that a time needs no translation.
    `deadline` says when `step` is needed at the latest, if nothing happens before. After a step that did
    nothing it lies ahead. A step too many does no harm.

Hear everything, then read the clock
    Before a step the host reads every socket until it is empty, then its inbox, then the clock. After a
    stall a time-out and the packets that disprove it arrive together, and must be heard together. Stalled
    comes first among the events of a step.

Actions in their order
    The order of the list that `step` returns is behaviour: cause before effect. Commands
    (`actions.Command`) are carried out in this order, reports (`actions.Report`) may be counted and logged
    whenever that delays nothing. A command with `not_after` must not be carried out later than that. The
    clock is read directly before the system call; what comes too late is answered by ActionExpired instead.
    What a command cannot do is an answer, and never an exception.

One answer for each command
    HoldVips           VipsHeld, with the time at which it was asked for, or with the error
    DropVips           VipsDropped
    SendAdvert         SendFailed if a destination was refused; with `confirm`, AdvertSent if none was
    TrySending         SendTried, at once
    Identify           SenderIdentified, within its seconds
    Announce           SendFailed if the kernel refused it
    PrioritizeSenders  none
    RunHook            HookEnded, when it has ended or cannot be run, if the core waits for it; else none
    CancelHook         none

    Answers to HoldVips and DropVips come in the order of the commands. One that never comes is given up by
    the core. An answer that is known at once is heard in the next step, not in the middle of this one.

What the host says unasked
    LeasesFound once, if an earlier process has left VIPs here: after the first InterfaceChanged and
    VipsObserved, and before Started. Started once, when it can act. ClockSet at start, and whenever the wall
    clock was set. InterfaceChanged and VipsObserved at start and after each change. PacketReceived for each
    datagram of IP protocol 112. VipAnswered if a machine that is none of the hosts keeps a router from its
    first takeover, and when that is over.
    DrainAsked and UndrainAsked when an operator wants it, the former also at start if a drain is still kept.
    Stalled when the process did not run. StopRequested once; after that it steps until `stopped` is true.

Between the observer and the router
    Health sends CheckVerdict and ChecksFresh to Node, in order; none may be lost while both live, except
    that of several verdicts on one check the last one is enough. The host of Node adds ObserverSilent, with
    the time of the last word, when nothing was heard for a while or the process has ended, ObserverBack
    when the same process is heard again, and ObserverStarted when another one is ready. The new one is given
    `Node.verdicts` when its process starts, after everything that the old one had said was heard. A verdict
    that grows stale before ObserverStarted counts again with the first pass, which Health says in any case.

Other parameters at run time
    `Node.leave` with the new parameters, then steps as ever until `Node.ready_for` them: routers that are not
    among them resign and give up their VIPs. Then the host takes the new parameters itself, so that commands
    that follow are carried out with them, and at once performs what `Node.exchange` returns. An index of
    ChecksFresh counts in the new parameters from then on. InterfaceChanged and VipsObserved are told again
    where routers or VIPs are new. Answers to routers that have gone mean nothing.

When the process must end without a step, `Node.resignations` are the adverts that its peers should hear.
"""

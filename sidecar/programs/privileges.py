"""Giving up every capability, for processes that handle what is foreign. Imports nothing of ours."""

import ctypes

# linux/prctl.h, linux/capability.h
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522


def give_up() -> None:
    """Leave this process without capabilities and without a way to regain them. Raise OSError if refused."""
    libc = ctypes.CDLL(None, use_errno=True)
    # Neither a set-uid file nor being root gives back what goes now (no_new_privs.rst).
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs refused")
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset refused")

"""The configuration at run time, as plain frozen data: for checks, pools, programs and telemetry.

Everything here is made of bool, int, float, str, enumerations, address objects, tuples and further
dataclasses, so that it can be sent to another process. Durations are seconds, paths are texts. Nothing here
may hold a key: keys are in `sidecar.core.params`, for the router alone.
"""

"""Leaving the network: a process that will see faces gives up every way to another machine.

Libraries that load models send metrics to their makers; a process without network cannot. Two
fences, each enough alone: a network namespace of its own, in which there is no device, and a filter
of the kernel's (seccomp) that refuses every socket but this machine's own (AF_UNIX, and AF_NETLINK,
by which the kernel tells of devices). Threads and children that start later inherit both.
"""

import ctypes
import errno
import os
import platform
import struct
import threading

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h

SET_NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2  # linux/prctl.h, linux/seccomp.h

LOCAL_FAMILIES = (1, 16)
"""AF_UNIX and AF_NETLINK: neither leads to another machine."""

ARCHITECTURES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""By machine: its AUDIT_ARCH, and the number of the system call `socket`."""

IO_URING_SETUP = 425
"""The system call that could make sockets past the filter; the same number on both."""

Step = tuple[int, int, int, int]
"""One instruction of classic BPF: code, jump if so, jump if not, constant."""


def leave_network() -> str | None:
    """Leave the network for good; returns why that is not certain, or None where it is.

    Call it before any other thread runs: a thread that runs already would keep its network.
    """
    if platform.system() != "Linux":
        return f"{platform.system()} has no way for a program to leave the network"
    if threading.active_count() > 1:
        return "other threads run already"
    kernel = ctypes.CDLL(None, use_errno=True)
    unfenced = _enter_own_namespace(kernel), _refuse_sockets(kernel)
    return None if None in unfenced else "; ".join(filter(None, unfenced))


def _enter_own_namespace(kernel: ctypes.CDLL) -> str | None:
    """Enter a network namespace in which there is nothing; returns why that failed."""
    if kernel.unshare(CLONE_NEWNET) == 0:
        return None
    # Who is not root may do so as the root of a user namespace, in which they stay who they are.
    uid, gid = os.getuid(), os.getgid()
    if kernel.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return f"no network namespace ({os.strerror(ctypes.get_errno())})"
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"),
                       ("gid_map", f"{gid} {gid} 1")):  # fmt: skip
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
    return None


def _refuse_sockets(kernel: ctypes.CDLL) -> str | None:
    """Have the kernel refuse sockets of other families; returns why that failed."""
    known = ARCHITECTURES.get(platform.machine())
    if known is None:
        return f"no filter for {platform.machine()}"
    steps = b"".join(struct.pack("HBBI", *step) for step in _filter(*known))
    program = ctypes.create_string_buffer(steps)
    described = ctypes.create_string_buffer(
        struct.pack("HP", len(steps) // 8, ctypes.addressof(program))
    )
    if (
        kernel.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0
        or kernel.prctl(SET_SECCOMP, FILTER, described, 0, 0) != 0
    ):
        return f"no filter ({os.strerror(ctypes.get_errno())})"
    return None


def _filter(architecture: int, socket_call: int) -> list[Step]:
    """The filter, over struct seccomp_data: the call's number stands at byte 0, the architecture
    at 4, the first argument's lower half at 16.
    """
    load, equal, answer = 0x20, 0x15, 0x06
    allowed, refused = 0x7FFF0000, 0x00050000 | errno.EAFNOSUPPORT
    families = [(equal, len(LOCAL_FAMILIES) - n, 0, f) for n, f in enumerate(LOCAL_FAMILIES)]
    return [
        (load, 0, 0, 4),
        (equal, 1, 0, architecture),
        (answer, 0, 0, refused),  # the numbers of another architecture mean other calls
        (load, 0, 0, 0),
        (equal, 1 + len(families) + 1, 0, IO_URING_SETUP),
        (equal, 0, 1 + len(families) + 1, socket_call),
        (load, 0, 0, 16),
        *families,
        (answer, 0, 0, refused),
        (answer, 0, 0, allowed),
    ]

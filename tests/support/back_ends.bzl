"""Tests that run once on each back end of the Linux driver, and on what is left when the kernel
refuses some of it. Their binary links //tests/support:back_end, whose header says what the
variables mean."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def _variables(chosen, expected, refused = "", **more):
    return dict(
        more,
        RINGWAY_DRIVER_BACK_END = chosen,
        RW_EXPECT = expected,
        RW_REFUSE = refused,
    )

BACK_ENDS = {
    "io_uring_futex": _variables("io_uring_futex", "io_uring_futex"),
    "io_uring": _variables("io_uring", "io_uring"),
    "futex": _variables("futex", "futex"),
    "epoll": _variables("epoll", "epoll"),
    "socket": _variables("socket", "socket"),
    "no_io_uring_eperm": _variables("auto", "epoll", "io_uring,EPERM,start"),
    "no_io_uring_enosys": _variables("auto", "epoll", "io_uring,ENOSYS,start"),
    "io_uring_lost_eperm": _variables("auto", "epoll", "io_uring,EPERM,midway"),
    "io_uring_lost_enosys": _variables("auto", "epoll", "io_uring,ENOSYS,midway"),
    "no_futex_waitv": _variables("futex", "epoll", "futex_waitv,ENOSYS,start"),
    "futex_waitv_lost": _variables("futex", "epoll", "futex_waitv,EPERM,midway"),
}

# For what is about the driver alone. The kernel's threads want processors of their own.
_SQPOLL = dict(
    RINGWAY_DRIVER_SQPOLL_MS = "1",
    RW_DIVIDE_COUNTS = "8",
)
DRIVER_BACK_ENDS = dict(
    BACK_ENDS,
    sqpoll = _variables("io_uring_futex", "io_uring_futex", **_SQPOLL),
    sqpoll_lost = _variables("io_uring_futex", "epoll", "io_uring,EPERM,midway", **_SQPOLL),
)

# There is no memory to share, and so no engine of ours and no memory objects.
WITHOUT_MEMORY = {
    "no_memfd_eperm": _variables("auto", "socket", "memfd,EPERM,start"),
    "no_memfd_enosys": _variables("auto", "socket", "memfd,ENOSYS,start"),
    "no_seals": _variables("auto", "socket", "seals,EPERM,start"),
    "memfd_lost": _variables("auto", "socket", "memfd,EPERM,midway"),
}

def back_end_tests(name, deps, back_ends = BACK_ENDS, size = "medium", args = [], env = {}, tags = []):
    """Defines a binary, and NAME_on_BACK_END_test for each of `back_ends`."""
    binary = name + "_on_back_ends"
    cc_binary(
        name = binary,
        testonly = True,
        deps = deps + ["//tests/support:back_end"],
    )
    for back_end, variables in back_ends.items():
        native.sh_test(
            name = "%s_on_%s_test" % (name, back_end),
            size = size,
            srcs = ["//tests/support:execute.sh"],
            args = ["$(rootpath :%s)" % binary] + args,
            data = [":" + binary],
            env = dict(variables, **env),
            tags = tags,
        )

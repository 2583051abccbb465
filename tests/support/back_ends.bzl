"""Tests that run once on each back end of the Linux driver, and on what is left when the kernel
refuses some of it. Their binary links //tests/support:back_end, whose header says what the
variables mean."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

# Name: RINGWAY_DRIVER_BACK_END, RW_EXPECT, RW_REFUSE.
BACK_ENDS = {
    "io_uring_futex": ("io_uring_futex", "io_uring_futex", ""),
    "io_uring": ("io_uring", "io_uring", ""),
    "futex": ("futex", "futex", ""),
    "epoll": ("epoll", "epoll", ""),
    "socket": ("socket", "socket", ""),
    "no_io_uring_eperm": ("auto", "epoll", "io_uring,EPERM,start"),
    "no_io_uring_enosys": ("auto", "epoll", "io_uring,ENOSYS,start"),
    "io_uring_lost_eperm": ("auto", "epoll", "io_uring,EPERM,midway"),
    "io_uring_lost_enosys": ("auto", "epoll", "io_uring,ENOSYS,midway"),
    "no_futex_waitv": ("futex", "epoll", "futex_waitv,ENOSYS,start"),
    "futex_waitv_lost": ("futex", "epoll", "futex_waitv,EPERM,midway"),
}

# There is no memory to share, and so no engine of ours and no memory objects.
WITHOUT_MEMORY = {
    "no_memfd_eperm": ("auto", "socket", "memfd,EPERM,start"),
    "no_memfd_enosys": ("auto", "socket", "memfd,ENOSYS,start"),
    "no_seals": ("auto", "socket", "seals,EPERM,start"),
    "memfd_lost": ("auto", "socket", "memfd,EPERM,midway"),
}

def back_end_tests(name, deps, back_ends = BACK_ENDS, size = "medium", args = [], env = {}, tags = []):
    """Defines a binary, and NAME_on_BACK_END_test for each of `back_ends`."""
    binary = name + "_on_back_ends"
    cc_binary(
        name = binary,
        testonly = True,
        deps = deps + ["//tests/support:back_end"],
    )
    for back_end, (chosen, expected, refused) in back_ends.items():
        variables = {
            "RINGWAY_DRIVER_BACK_END": chosen,
            "RW_EXPECT": expected,
            "RW_REFUSE": refused,
        }
        variables.update(env)
        native.sh_test(
            name = "%s_on_%s_test" % (name, back_end),
            size = size,
            srcs = ["//tests/support:execute.sh"],
            args = ["$(rootpath :%s)" % binary] + args,
            data = [":" + binary],
            env = variables,
            tags = tags,
        )

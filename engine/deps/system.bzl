"""Repository rules that turn what Debian installs into Bazel repositories."""

# The headers lie on the compiler's default path, so each of these is a build file and nothing else.
system_libraries = [
    "boost",
    "capnproto",
    "cli11",
    "com_google_benchmark",
    "com_google_googletest",
    "libseccomp",
    "libsystemd",
    "liburing",
    "nlohmann_json",
    "relacy",
    "xxhash",
]

def _system_library_impl(ctx):
    ctx.symlink(ctx.attr.build_file, "BUILD")

system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = {"build_file": attr.label(mandatory = True)},
    doc = "A repository that holds one build file.",
)

_RULES_CC = "/usr/share/bazel/rules/cc"
_TOOLCHAIN_CALLERS = [
    "cc/private/rules_impl/cc_flags_supplier.bzl",
    "cc/private/rules_impl/compiler_flag.bzl",
]

def _debian_rules_cc_impl(ctx):
    copied = ctx.execute(["cp", "-r", _RULES_CC + "/.", "."])
    if copied.return_code != 0:
        fail("ringway: cannot copy %s: %s (install bazel-rules-cc)" % (_RULES_CC, copied.stderr))
    for path in _TOOLCHAIN_CALLERS:
        text = ctx.read(path)
        text = text.replace(', "use_cpp_toolchain")', ")")
        text = text.replace("use_cpp_toolchain()", '["@bazel_tools//tools/cpp:toolchain_type"]')
        ctx.file(path, text)

debian_rules_cc = repository_rule(
    implementation = _debian_rules_cc_impl,
    doc = "Debian's rules_cc 0.0.4 without `use_cpp_toolchain`, which Debian's Bazel 4.2.3 lacks.",
)

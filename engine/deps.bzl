"""The repositories Ringway needs, taken from Debian's packages: nothing is downloaded.

A consumer's WORKSPACE overrides any of them by defining it before it calls `ringway_dependencies()`.
`tests/setup.sh` installs the packages.
"""

load("//engine/deps:system.bzl", "debian_rules_cc", "system_libraries", "system_library")

def ringway_dependencies():
    """Defines each repository that the calling WORKSPACE has not defined already."""

    # Bazel's own WORKSPACE suffix would fetch the first five from the network.
    _maybe(debian_rules_cc, "rules_cc")
    _maybe(native.local_repository, "rules_java", path = "/usr/share/bazel/rules/java")
    _maybe(native.local_repository, "rules_proto", path = "/usr/share/bazel/rules/proto")
    _maybe(native.local_repository, "bazel_skylib", path = "/usr/share/bazel/tools/skylib")
    _maybe(system_library, "remote_coverage_tools", build_file = Label("//engine/deps:coverage.BUILD"))

    for name in system_libraries:
        _maybe(system_library, name, build_file = Label("//engine/deps:%s.BUILD" % name))

def _maybe(define, name, **kwargs):
    if not native.existing_rule(name):
        define(name = name, **kwargs)

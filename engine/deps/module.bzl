"""The system's libraries, for MODULE.bazel."""

load(":system.bzl", "system_libraries", "system_library")

def _system_impl(_ctx):
    for name in system_libraries:
        system_library(name = name, build_file = Label("//engine/deps:%s.BUILD" % name))

system = module_extension(implementation = _system_impl)

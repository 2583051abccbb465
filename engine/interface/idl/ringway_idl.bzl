"""ringway_idl_library: C and C++, for clients and servers, of interface descriptions. docs/idl.md."""

load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain")

RingwayIdlInfo = provider(
    doc = "What may be imported.",
    fields = {"files": "A depset of .idl files: those of the target and of its dependencies."},
)

_HEADERS = ["_interface.h", "_client.h", "_server.h"]
_SOURCES = ["_client.c", "_client.cc", "_server.c", "_server.cc"]

def _generate(ctx, idl, imports):
    stem = idl.basename[:-len(".idl")]
    headers = [ctx.actions.declare_file(stem + suffix, sibling = idl) for suffix in _HEADERS]
    sources = [ctx.actions.declare_file(stem + suffix, sibling = idl) for suffix in _SOURCES]
    arguments = ctx.actions.args()
    arguments.add("--output", headers[0].dirname)

    # Imports are relative to the file that has them, or to a workspace.
    arguments.add("--import", ".")
    arguments.add_all(imports, before_each = "--import", map_each = _workspace_root, uniquify = True)
    arguments.add(idl)
    ctx.actions.run(
        executable = ctx.executable._compiler,
        arguments = [arguments],
        inputs = imports,
        outputs = headers + sources,
        mnemonic = "RingwayIdl",
        progress_message = "Compiling interfaces of %{input}",
    )
    return headers, sources

def _workspace_root(file):
    return file.owner.workspace_root or None

def _ringway_idl_library_impl(ctx):
    imports = depset(ctx.files.srcs, transitive = [dep[RingwayIdlInfo].files for dep in ctx.attr.deps])
    headers, sources = [], []
    for idl in ctx.files.srcs:
        made_headers, made_sources = _generate(ctx, idl, imports)
        headers += made_headers
        sources += made_sources

    toolchain = find_cc_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    uses = [dep[CcInfo] for dep in ctx.attr.deps + [ctx.attr._runtime]]
    compilation, objects = cc_common.compile(
        name = ctx.label.name,
        actions = ctx.actions,
        feature_configuration = features,
        cc_toolchain = toolchain,
        srcs = sources,
        public_hdrs = headers,
        # #include "calc_server.h", as well as with the path of its package.
        includes = depset([header.dirname for header in headers]).to_list(),
        compilation_contexts = [use.compilation_context for use in uses],
    )
    linking, outputs = cc_common.create_linking_context_from_compilation_outputs(
        name = ctx.label.name,
        actions = ctx.actions,
        feature_configuration = features,
        cc_toolchain = toolchain,
        compilation_outputs = objects,
        linking_contexts = [use.linking_context for use in uses],
    )
    own = CcInfo(compilation_context = compilation, linking_context = linking)
    library = outputs.library_to_link
    archives = [file for file in [library.static_library, library.pic_static_library] if file] if library else []
    return [
        DefaultInfo(files = depset(archives)),
        OutputGroupInfo(generated = depset(headers + sources)),
        RingwayIdlInfo(files = imports),
        cc_common.merge_cc_infos(direct_cc_infos = [own], cc_infos = uses),
    ]

ringway_idl_library = rule(
    implementation = _ringway_idl_library_impl,
    attrs = {
        "srcs": attr.label_list(
            doc = "The .idl files.",
            allow_files = [".idl"],
            mandatory = True,
        ),
        "deps": attr.label_list(
            doc = "The ringway_idl_library targets whose files these import.",
            providers = [RingwayIdlInfo, CcInfo],
        ),
        "_compiler": attr.label(
            default = "//engine/interface/idl:ringway-idl",
            executable = True,
            cfg = "exec",
        ),
        "_runtime": attr.label(default = "//engine/interface"),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    doc = "A library, for cc_library and the like, with the generated headers and what is behind them.",
    fragments = ["cpp"],
    provides = [CcInfo, RingwayIdlInfo],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)

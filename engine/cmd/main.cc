// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The ringway command: docs/ringway-command.md. Reading order: options,
// session (how two commands meet; command_layout.h is what they say), stream,
// ping; and by themselves names, and inspect, inspection, live_process.

#include <unistd.h>

#include "engine/cmd/file_io.h"
#include "engine/cmd/inspect.h"
#include "engine/cmd/names.h"
#include "engine/cmd/options.h"
#include "engine/cmd/ping.h"
#include "engine/cmd/session.h"
#include "engine/cmd/stream.h"

namespace ringway::cmd {

namespace {

void RunListen(const Options& options) {
  Session session(options.name);
  if (session.peer().mode == kModeStream) {
    Stream(session, options.recv_only, options.stats).Run();
    return;
  }
  Echo(session, options.stats);
}

void RunConnect(const Options& options) {
  Session session(options.name, options.timeout_s, kModeStream, 0);
  Stream(session, options.recv_only, options.stats).Run();
}

void RunPing(const Options& options) {
  Session session(options.name, options.timeout_s, kModePing, options.wait_mode);
  Ping(session, options);
}

void Run(const Options& options) {
  switch (options.action) {
    case Action::kListen:
      return RunListen(options);
    case Action::kConnect:
      return RunConnect(options);
    case Action::kPing:
      return RunPing(options);
    case Action::kInspect:
      return InspectProcess(options);
    case Action::kNames:
      return HostNames(options);
  }
}

}  // namespace

}  // namespace ringway::cmd

int main(int argc, char** argv) {
  ringway::cmd::PrepareStandardFiles();
  ringway::cmd::Run(ringway::cmd::ParseOptions(argc, argv));
  // The driver's thread may still be busy with the end of the connection, which
  // the end of the process is as well. All output is written.
  _exit(0);
}

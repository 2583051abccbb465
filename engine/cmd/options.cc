// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/options.h"

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>

#include "engine/cmd/failure.h"

namespace ringway::cmd {

namespace {

constexpr size_t kNameBytesMax = 107;  // what the address of a Unix socket holds
constexpr size_t kCountMax = 10'000'000;
constexpr size_t kSizeBytesMax = size_t{64} << 20;
constexpr double kTimeoutSecondsMax = 1e6;

constexpr RingwayWaitMode kAdaptive = 0;

const std::map<std::string, RingwayWaitMode>& WaitModes() {
  static const std::map<std::string, RingwayWaitMode> modes = {
      {"adaptive", kAdaptive},
      {"park", RINGWAY_WAIT_MODE_PARK},
      {"poll", RINGWAY_WAIT_MODE_POLL},
  };
  return modes;
}

std::string CheckName(const std::string& name) {
  if (name.empty() || name == "@") return "the name is empty";
  if (name.size() > kNameBytesMax) {
    return "the name has " + std::to_string(name.size()) + " bytes, and a socket takes " +
           std::to_string(kNameBytesMax);
  }
  return {};
}

// CLI::Range lets "nan" through.
std::string CheckTimeout(const std::string& text) {
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  const bool good = end != text.c_str() && *end == '\0' && seconds >= 0;
  return good && seconds <= kTimeoutSecondsMax ? "" : "not a number of seconds: " + text;
}

CLI::App* AddNamed(CLI::App& app, const std::string& name, const std::string& description,
                   Options* options) {
  CLI::App* action = app.add_subcommand(name, description);
  action->add_option("NAME", options->name, "A path (./demo) or an abstract socket name (@demo)")
      ->required()
      ->check(CheckName, "");
  return action;
}

CLI::App* AddAction(CLI::App& app, const std::string& name, const std::string& description,
                    Options* options) {
  CLI::App* action = AddNamed(app, name, description, options);
  action->add_flag("--stats", options->stats, "Report bytes, times and counters on stderr");
  return action;
}

void AddTimeout(CLI::App* action, Options* options) {
  action
      ->add_option("--timeout", options->timeout_s,
                   "How many seconds to wait for a listener to appear")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->check(CheckTimeout, "");
}

void AddRecvOnly(CLI::App* action, Options* options) {
  action->add_flag("--recv-only", options->recv_only, "Do not read standard input");
}

void AddPingOptions(CLI::App* action, Options* options) {
  action->add_option("--count", options->count, "Round trips to measure")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(size_t{1}, kCountMax), "");
  action->add_option("--size", options->size_bytes, "Bytes of each parcel")
      ->type_name("BYTES")
      ->capture_default_str()
      ->check(CLI::Range(size_t{1}, kSizeBytesMax), "");
  action
      ->add_option_function<std::string>(
          "--wait",
          [options](const std::string& mode) { options->wait_mode = WaitModes().at(mode); },
          "How both sides wait: adaptive (look, then sleep), park (sleep) or poll (look)")
      ->type_name("MODE")
      ->default_str("adaptive")
      ->check(CLI::IsMember(WaitModes()), "");
  action->add_flag("--json", options->json, "Print one JSON object, times in nanoseconds");
}

CLI::App* AddInspect(CLI::App& app, Options* options) {
  CLI::App* inspect =
      app.add_subcommand("inspect", "Print the nodes, links, portals and rates of a live process");
  inspect->add_option("PID", options->pid, "The process, which need not answer")
      ->required()
      ->check(CLI::Range(1, std::numeric_limits<pid_t>::max()), "");
  inspect
      ->add_option("--interval", options->interval_s,
                   "Seconds between two looks, for the rates; 0: one look, no rates")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->check(CheckTimeout, "");
  inspect->add_flag("--json", options->json, "Print one JSON object");
  return inspect;
}

[[noreturn]] void FailUsage(const CLI::App& app, const CLI::ParseError& error) {
  std::string why = error.what();
  const auto is_lower = [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; };
  if (why.size() > 1 && is_lower(why[1])) {  // a sentence, not NAME
    why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
  }
  std::string help = "ringway --help";
  for (const CLI::App* action : app.get_subcommands()) {
    help = "ringway " + action->get_name() + " --help";
  }
  Fail("usage", why, "try '" + help + "'", kExitUsage);
}

}  // namespace

Options ParseOptions(int argc, char** argv) {
  Options options;
  CLI::App app("Moves bytes between two processes through shared memory.", "ringway");
  app.set_version_flag("--version", "ringway " + std::to_string(RINGWAY_VERSION_MAJOR) + "." +
                                        std::to_string(RINGWAY_VERSION_MINOR) + "." +
                                        std::to_string(RINGWAY_VERSION_PATCH));
  app.require_subcommand(1);
  CLI::App* listen = AddAction(app, "listen",
                               "Wait for one 'connect' and stream stdin and stdout with it, or for "
                               "one 'ping' and answer it",
                               &options);
  AddRecvOnly(listen, &options);
  CLI::App* connect =
      AddAction(app, "connect", "Stream stdin and stdout with a 'listen'", &options);
  AddRecvOnly(connect, &options);
  AddTimeout(connect, &options);
  CLI::App* ping = AddAction(app, "ping", "Measure round trips with a 'listen'", &options);
  AddTimeout(ping, &options);
  AddPingOptions(ping, &options);
  CLI::App* inspect = AddInspect(app, &options);
  CLI::App* names = AddNamed(
      app, "names", "Host names, so that servers and clients of other processes meet", &options);
  app.footer(
      "Try it in two terminals:\n"
      "  ringway listen @demo > copy\n"
      "  ringway connect @demo < original\n"
      "Exit status: 0 done, 1 failed, 2 wrong usage.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    app.exit(success);
    const bool printed = std::fflush(stdout) == 0;
    std::exit(printed ? 0 : kExitFailure);
  } catch (const CLI::ParseError& error) {
    FailUsage(app, error);
  }
  if (connect->parsed()) options.action = Action::kConnect;
  if (ping->parsed()) options.action = Action::kPing;
  if (inspect->parsed()) options.action = Action::kInspect;
  if (names->parsed()) options.action = Action::kNames;
  return options;
}

const char* NameOfWaitMode(RingwayWaitMode mode) {
  for (const auto& [name, value] : WaitModes()) {
    if (value == mode) return name.c_str();
  }
  return "unknown";
}

}  // namespace ringway::cmd

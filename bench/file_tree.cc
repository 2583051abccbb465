// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/file_tree.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "bench/harness/clock.h"
#include "bench/harness/fail.h"
#include "bench/harness/roles.h"
#include "bench/harness/shared.h"
#include "bench/harness/table.h"
#include "bench/paths/portal.h"
#include "shm/unique_fd.h"

namespace ringway::bench {
namespace {

// A tree goes over a portal as parcels that each begin with this: for every file its name, its
// content in pieces and an end; then the end of the tree.
enum class PartKind : uint64_t { kName = 1, kPiece = 2, kFileEnd = 3, kTreeEnd = 4 };
struct PartHead {
  PartKind kind;
  uint64_t checksum;  // of a file, at its end
};
static_assert(sizeof(PartHead) == 16);

constexpr size_t kPieceBytes = size_t{256} << 10;
constexpr size_t kQueuedBytesMax = size_t{4} << 20;
constexpr uint64_t kTimeoutNs = uint64_t{1800} * 1'000'000'000;

// Adds up what one side sees.
class Tally {
 public:
  Tally() { XXH3_64bits_reset(tree_.get()); }

  void Begin(const char* name, size_t bytes) {
    XXH3_64bits_reset(file_.get());
    XXH3_64bits_update(file_.get(), name, bytes);
  }
  void Add(const void* content, size_t bytes) {
    XXH3_64bits_update(file_.get(), content, bytes);
    totals_.bytes += bytes;
  }
  // Returns the file's checksum.
  uint64_t End() {
    const uint64_t checksum = XXH3_64bits_digest(file_.get());
    XXH3_64bits_update(tree_.get(), &checksum, sizeof(checksum));
    totals_.checksum = XXH3_64bits_digest(tree_.get());
    ++totals_.files;
    return checksum;
  }

  const TreeTotals& totals() const { return totals_; }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  using State = std::unique_ptr<XXH3_state_t, Free>;

  State file_{XXH3_createState()};
  State tree_{XXH3_createState()};
  TreeTotals totals_;
};

// What the roles tell their parent.
struct Board {
  std::atomic<uint64_t> files_received;
  std::atomic<uint64_t> bytes_received;
  TreeTotals sent;
  TreeTotals received;
  uint64_t files_wrong;
  uint64_t files_skipped;
  uint64_t elapsed_ns;
};

class TreeSender {
 public:
  explicit TreeSender(IpczHandle portal) : portal_(portal) {}

  // Returns false if the file cannot be read, or not to its end.
  bool SendFile(const std::string& name) {
    const UniqueFd file(open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (file.get() < 0) return false;
    struct stat status = {};
    if (fstat(file.get(), &status) != 0) return false;
    tally_.Begin(name.data(), name.size());
    SendPart(PartKind::kName, 0, name.size(), [&](std::byte* body) {
      memcpy(body, name.data(), name.size());
      return static_cast<ssize_t>(name.size());
    });
    // Each piece is read straight into the portal's memory. A file that shrinks meanwhile ends
    // early, and what is added to it is left.
    size_t left = static_cast<size_t>(status.st_size);
    bool readable = true;
    while (left > 0 && readable) {
      const size_t wanted = std::min(left, kPieceBytes);
      readable = SendPart(PartKind::kPiece, 0, wanted, [&](std::byte* body) {
        const ssize_t bytes = read(file.get(), body, wanted);
        if (bytes > 0) {
          tally_.Add(body, static_cast<size_t>(bytes));
          left -= static_cast<size_t>(bytes);
        }
        return bytes;
      });
    }
    SendPart(PartKind::kFileEnd, tally_.End(), 0, [](std::byte*) { return 0; });
    return readable;
  }

  void SendEnd() {
    SendPart(PartKind::kTreeEnd, 0, 0, [](std::byte*) { return 0; });
  }

  const TreeTotals& totals() const { return tally_.totals(); }

 private:
  // Has `fill` write a body of at most `bytes_max` bytes and say how many there are. A body with
  // room that stays empty is not sent. Returns whether anything was.
  template <typename Fill>
  bool SendPart(PartKind kind, uint64_t checksum, size_t bytes_max, Fill fill) {
    std::byte* data = Begin(sizeof(PartHead) + bytes_max);
    const PartHead head = {.kind = kind, .checksum = checksum};
    memcpy(data, &head, sizeof(head));
    const ssize_t filled = fill(data + sizeof(head));
    const bool send = filled > 0 || bytes_max == 0;
    const size_t bytes = send ? sizeof(head) + static_cast<size_t>(filled) : 0;
    Require(Ipcz().EndPut(portal_, bytes, nullptr, 0, send ? IPCZ_NO_FLAGS : IPCZ_END_PUT_ABORT,
                          nullptr),
            "EndPut");
    return send;
  }

  std::byte* Begin(size_t bytes) {
    static constexpr IpczPutLimits kLimits = {.size = sizeof(IpczPutLimits),
                                              .max_queued_parcels = SIZE_MAX,
                                              .max_queued_bytes = kQueuedBytesMax};
    static constexpr IpczBeginPutOptions kOptions = {.size = sizeof(IpczBeginPutOptions),
                                                     .limits = &kLimits};
    void* data = nullptr;
    for (;;) {
      size_t room = bytes;
      const IpczResult result = Ipcz().BeginPut(portal_, IPCZ_NO_FLAGS, &kOptions, &room, &data);
      if (result != IPCZ_RESULT_RESOURCE_EXHAUSTED) {
        Require(result, "BeginPut");
        return static_cast<std::byte*>(data);
      }
      RingwayWaitItem item = {.portal = portal_,
                              .wanted = RINGWAY_WAIT_WRITABLE,
                              .satisfied = 0,
                              .max_remote_parcels = SIZE_MAX,
                              .max_remote_bytes = kQueuedBytesMax / 2};
      Require(RingwayApi().Wait(&item, 1, 0, RINGWAY_NO_DEADLINE), "Wait");
    }
  }

  IpczHandle portal_;
  Tally tally_;
};

// Reads parts until the end of the tree.
void ReceiveTree(IpczHandle portal, Board& board) {
  Tally tally;
  uint64_t start_ns = 0;
  for (bool more = true; more;) {
    const void* data = nullptr;
    size_t bytes = 0;
    TakeParcel<PortalWait::kAdaptive>(portal, "BeginGet", [&] {
      return Ipcz().BeginGet(portal, IPCZ_NO_FLAGS, nullptr, &data, &bytes, nullptr);
    });
    if (start_ns == 0) start_ns = MonotonicNs();
    if (bytes < sizeof(PartHead)) Fail("a part of the tree is too short");
    PartHead head;
    memcpy(&head, data, sizeof(head));
    const char* body = static_cast<const char*>(data) + sizeof(head);
    switch (head.kind) {
      case PartKind::kName:
        tally.Begin(body, bytes - sizeof(head));
        break;
      case PartKind::kPiece:
        tally.Add(body, bytes - sizeof(head));
        break;
      case PartKind::kFileEnd:
        if (tally.End() != head.checksum) ++board.files_wrong;
        break;
      case PartKind::kTreeEnd:
        more = false;
        break;
      default:
        Fail("a part of the tree is of no known kind");
    }
    Require(Ipcz().EndGet(portal, bytes, 0, IPCZ_NO_FLAGS, nullptr, nullptr, nullptr), "EndGet");
    board.files_received.store(tally.totals().files, std::memory_order_relaxed);
    board.bytes_received.store(tally.totals().bytes, std::memory_order_relaxed);
  }
  board.elapsed_ns = MonotonicNs() - start_ns;
  board.received = tally.totals();
}

struct FileList {
  std::vector<std::string> names;
  uint64_t skipped = 0;
};

// The regular files in and below `path`, in a fixed order. Links are not followed.
FileList ListFiles(const std::string& path) {
  namespace fs = std::filesystem;
  FileList list;
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    list.names.push_back(path);
    return list;
  }
  fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code unknown;
    if (at->symlink_status(unknown).type() == fs::file_type::regular) {
      list.names.push_back(at->path());
    } else if (!at->is_directory(unknown) || at->is_symlink(unknown)) {
      ++list.skipped;
    }
  }
  std::sort(list.names.begin(), list.names.end());
  return list;
}

std::string FormatTotals(const char* side, const TreeTotals& totals) {
  std::array<char, 160> line;
  snprintf(line.data(), line.size(), "  %-8s  %8llu files  %14llu bytes  checksum %016llx\n", side,
           static_cast<unsigned long long>(totals.files),
           static_cast<unsigned long long>(totals.bytes),
           static_cast<unsigned long long>(totals.checksum));
  return line.data();
}

}  // namespace

TreeReport SendFileTree(const std::string& path, Progress& progress) {
  const FileList list = ListFiles(path);
  PortalFds fds;
  const Shared<Board> board;
  const Role send = [&] {
    const PortalEnd end(fds.Take(Side::kFirst), Side::kFirst);
    TreeSender sender(end.portal());
    board->files_skipped = list.skipped;
    for (const std::string& name : list.names) {
      if (!sender.SendFile(name)) ++board->files_skipped;
    }
    sender.SendEnd();
    board->sent = sender.totals();
    Meet();
  };
  const Role receive = [&] {
    const PortalEnd end(fds.Take(Side::kSecond), Side::kSecond);
    ReceiveTree(end.portal(), *board);
    Meet();
  };
  const auto show = [&] {
    const uint64_t files = board->files_received.load(std::memory_order_relaxed);
    const uint64_t bytes = board->bytes_received.load(std::memory_order_relaxed);
    const double all = static_cast<double>(std::max<size_t>(list.names.size(), 1));
    progress.Show(static_cast<double>(files) / all, path + ": " + std::to_string(files) +
                                                        " files, " + std::to_string(bytes >> 20) +
                                                        " MiB through portals");
  };
  TreeReport report;
  report.error = RunRoles({send, receive}, kTimeoutNs, show);
  if (!report.error.empty()) report.error = path + ": " + report.error;
  report.sent = board->sent;
  report.received = board->received;
  report.files_wrong = board->files_wrong;
  report.files_skipped = board->files_skipped;
  report.elapsed_ns = board->elapsed_ns;
  return report;
}

std::string FormatTreeReport(const std::string& path, const TreeReport& report) {
  const double seconds = static_cast<double>(std::max<uint64_t>(report.elapsed_ns, 1)) / 1e9;
  std::string text = path + " through portals, from one process to another (XXH3 checksums)\n";
  text += FormatTotals("sent", report.sent) + FormatTotals("received", report.received);
  text += "  " + FormatBytesPerSecond(static_cast<double>(report.received.bytes) / seconds) + ", " +
          FormatPerSecond(static_cast<double>(report.received.files) / seconds) + " files, " +
          std::to_string(report.files_skipped) + " skipped (links, not readable)\n";
  text += report.same() ? "  OK: all files arrived as they were sent\n\n"
                        : "  MISMATCH: " + std::to_string(report.files_wrong) + " files differ\n\n";
  return text;
}

}  // namespace ringway::bench

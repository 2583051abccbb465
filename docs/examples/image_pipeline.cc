// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Images from process to process, each written once and read once:
// docs/examples/image_pipeline.md.

#include <cstdio>
#include <numeric>
#include <span>
#include <string>

#include "docs/examples/processes.h"
#include "ringway/lend.h"
#include "ringway/server.h"

namespace example {
namespace {

constexpr size_t kWidth = 3840;
constexpr size_t kHeight = 2160;
constexpr size_t kScale = 4;

struct Stage : ringway::Interface<Stage> {
  static constexpr ringway::InterfaceId kId = ringway::IdOf("example.Stage");
  // The next image, of so many pixels in a row, a byte each. It is the stage's from then on.
  using Put = ringway::Method<Stage, "put", long(uint32_t, ringway::Move), ringway::SendOnly>;
  using Rpcs = ringway::Rpcs<Put>;
};

ringway::Memory NewImage(const ringway::Node& node, size_t num_pixels) {
  auto image = ringway::Memory::Create(node, num_pixels);
  Need(image.ok(), "to get memory");
  return *std::move(image);
}

ringway::Cap<Stage> ConnectTo(const ringway::Names& names, const char* name) {
  ringway::Cap<Stage> stage;
  Need(names.Connect(name, &stage) == RW_EOK, "to connect");
  return stage;
}

// The first process: writes each image once, into memory that the next one will read.
void RunCamera(const std::string& socket) {
  ringway::Node node = MakeNode();
  const ringway::Names names = Join(node, socket);
  const ringway::Cap<Stage> scaler = ConnectTo(names, "scaler");
  for (uint8_t frame = 1; frame <= 3; ++frame) {
    ringway::Memory image = NewImage(node, kWidth * kHeight);
    for (std::byte& pixel : image.bytes()) pixel = static_cast<std::byte>(frame * 10);
    Need(scaler.Call<Stage::Put>(kWidth, std::move(image)) == RW_EOK, "to send");
  }
  // What was sent, beside the images themselves.
  RingwayPortalCounters counters = {};
  counters.size = sizeof(counters);
  ringway::Extensions().QueryPortalCounters(scaler.target().remote()->portal(), &counters);
  std::printf("camera: %zu bytes of images, %lu bytes of messages\n", 3 * kWidth * kHeight,
              static_cast<unsigned long>(counters.bytes_put));
  std::fflush(stdout);
  const ringway::Cap<Stage> viewer = ConnectTo(names, "viewer");
  Need(viewer.Call<Stage::Put>(0, ringway::Memory()) == RW_EOK, "to send");
  for (;;) pause();
}

// The second: reads each image once, where it is, and writes a smaller one.
class Scaler : public ringway::Server<Scaler, Stage> {
 public:
  Scaler(const ringway::Node& node, ringway::Cap<Stage> next)
      : node_(node), next_(std::move(next)) {}

  long Handle(Stage::Put, ringway::CallContext&, uint32_t width, ringway::Memory image) {
    const std::span<const std::byte> from = image.view();
    if (width < kScale || from.size() % width != 0) return -RW_EINVAL;
    const size_t height = from.size() / width;
    ringway::Memory small = NewImage(node_, (width / kScale) * (height / kScale));
    std::byte* to = small.bytes().data();
    for (size_t y = 0; y + kScale <= height; y += kScale) {
      for (size_t x = 0; x + kScale <= width; x += kScale) *to++ = from[y * width + x];
    }
    return next_.Call<Stage::Put>(width / kScale, std::move(small));
  }

 private:
  const ringway::Node& node_;
  const ringway::Cap<Stage> next_;
};

void RunScaler(const std::string& socket) {
  ringway::Node node = MakeNode();
  const ringway::Names names = Join(node, socket);
  Scaler scaler(node, ConnectTo(names, "viewer"));
  ringway::Loop loop(node);
  ringway::Registered registered;
  Need(names.Register(loop, scaler, {.name = "scaler", .limit = 1}, &registered) == RW_EOK,
       "to register");
  loop.Run();
}

// The last one: this process.
class Viewer : public ringway::Server<Viewer, Stage> {
 public:
  explicit Viewer(ringway::Loop& loop) : loop_(loop) {}

  long Handle(Stage::Put, ringway::CallContext&, uint32_t width, ringway::Memory image) {
    if (width == 0) {
      camera_is_done_ = true;
    } else {
      const std::span<const std::byte> pixels = image.view();
      const uint64_t sum = std::accumulate(
          pixels.begin(), pixels.end(), uint64_t{0},
          [](uint64_t so_far, auto pixel) { return so_far + std::to_integer<uint64_t>(pixel); });
      shown_ += "viewer: " + std::to_string(width) + " x " + std::to_string(pixels.size() / width) +
                (image.is_shared() ? ", in place" : ", a copy") + ", brightness " +
                std::to_string(sum / pixels.size()) + "\n";
      ++images_;
    }
    if (images_ == 3 && camera_is_done_) loop_.Stop();
    return RW_EOK;
  }

  const std::string& shown() const { return shown_; }

 private:
  ringway::Loop& loop_;
  std::string shown_;
  int images_ = 0;
  bool camera_is_done_ = false;
};

void RunViewer() {
  Host host;
  ringway::Node node = MakeNode();
  const ringway::Names names = Join(node, host.socket());
  ringway::Loop loop(node);
  Viewer viewer(loop);
  ringway::Registered registered;
  Need(names.Register(loop, viewer, {.name = "viewer", .limit = 2}, &registered) == RW_EOK,
       "to register");
  host.Start("scaler");
  host.Start("camera");
  loop.Run();
  std::printf("%s", viewer.shown().c_str());
}

}  // namespace
}  // namespace example

int main(int argc, char** argv) {
  const std::string part = argc == 3 ? argv[1] : "";
  if (part == "camera") {
    example::RunCamera(argv[2]);
  } else if (part == "scaler") {
    example::RunScaler(argv[2]);
  } else {
    example::RunViewer();
  }
}

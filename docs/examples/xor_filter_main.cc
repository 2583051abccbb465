// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A source, a filter and a sink: in one process, or in three. docs/examples/xor_filter.md.

#include <string>
#include <string_view>

#include "docs/examples/xor_filter.h"

namespace ringway::examples {
namespace {

std::string Text(ArrayRef<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data), data.size()};
}
std::span<const std::byte> Bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

class Source : public Counted {
 public:
  Source();
  long Take(ArrayRef<const std::byte> data, const XferMetadata&) {
    Say("source: got \"%s\"\n", Text(data).c_str());
    return RW_EOK;
  }
  Endpoint xfer;
};

class Sink : public Counted {
 public:
  Sink();
  long Take(ArrayRef<const std::byte> data, const XferMetadata&) {
    Say("sink: got \"%s\"\n", Text(data).c_str());
    return Deliver(xfer, Bytes("THANKS"));
  }
  long Window(uint64_t& bytes) { return bytes = 4096, RW_EOK; }
  void Close(int64_t reason) {
    Say("sink: closed, reason %d\n", static_cast<int>(reason));
    xfer.Shutdown(reason);
  }
  Endpoint xfer;
};

constexpr Operation kSourceOperations[] = {kOperation<Xfer::Deliver, &Source::Take>};
constexpr Operation kSinkOperations[] = {kOperation<Xfer::Deliver, &Sink::Take>,
                                         kOperation<Xfer::Window, &Sink::Window>,
                                         kOperation<Intf::Close, &Sink::Close>};
Source::Source() : xfer(kDescriptor<&Source::xfer, kSourceOperations>) {}
Sink::Sink() : xfer(kDescriptor<&Sink::xfer, kSinkOperations>) {}

// What the process with the filter offers.
struct Filters : Interface<Filters> {
  static constexpr InterfaceId kId = IdOf("ringway.examples.Filters");
  using Make = Method<Filters, "make", long(Cap<Plugging>, Cap<Plugging>, uint8_t)>;
  using Rpcs = ringway::Rpcs<Make>;
};
class FiltersServer : public Server<FiltersServer, Filters> {
 public:
  long Handle(Filters::Make, CallContext& context, Cap<Plugging> xfer, Cap<Plugging> backend,
              uint8_t constant) {
    return MakeXorFilter(*context.object().loop(), std::move(xfer), std::move(backend), constant);
  }
};

// What is the same in one process and in three.
void Use(Source& source) {
  const int64_t delivered = Deliver(source.xfer, Bytes("hello"));
  Say("source: delivered, status %d\n", static_cast<int>(delivered));
  const uint64_t window = Window(source.xfer);
  Say("source: window of %d bytes\n", static_cast<int>(window));
  source.xfer.Shutdown(0);
}

constexpr uint8_t kUpperCase = 0x20;

int One() {
  Node node = MakeFirstNode();
  Loop loop(node);
  Counted::none_left = [] { Say("no object is left\n"); };
  const auto source = MakeRef<Source>();
  {
    const auto sink = MakeRef<Sink>();
    if (MakeXorFilter(loop, source->xfer.cap<Plugging>(), sink->xfer.cap<Plugging>(), kUpperCase) !=
        RW_EOK) {
      Fail("no filter could be made");
    }
  }
  Use(*source);
  return 0;
}

int Three() {
  Node node = MakeFirstNode();
  Loop loop(node);
  Counted::none_left = [] { Say("no object is left\n"); };
  const auto source = MakeRef<Source>();
  loop.Host(source->xfer);
  Role filter(node, "filter");
  Role sink(node, "sink");
  Cap<Filters> filters(std::move(filter.portal));
  // The filter's process plugs itself in before it answers.
  loop.ReadReplies(filters.target().remote_ref());
  if (filters.Call<Filters::Make>(source->xfer.cap<Plugging>(),
                                  Cap<Plugging>(std::move(sink.portal)), kUpperCase) != RW_EOK) {
    Fail("no filter could be made");
  }
  Use(*source);
  return 0;
}

int FilterRole() {
  FiltersServer filters;
  return RunRole([&](Loop& loop, Portal portal) { loop.Serve(std::move(portal), filters); });
}

int SinkRole() {
  return RunRole(
      [](Loop& loop, Portal portal) { loop.Serve(std::move(portal), MakeRef<Sink>()->xfer); });
}

}  // namespace
}  // namespace ringway::examples

int main(int argc, char** argv) {
  using namespace ringway::examples;
  return Main(argc, argv,
              {{"one", &One}, {"three", &Three}, {"filter", &FilterRole}, {"sink", &SinkRole}});
}

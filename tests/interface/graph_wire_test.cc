// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The messages of object graphs, and what every object answers about itself, as a stranger may
// write them: with handles, which wire_test leaves out.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <string>

#include "ringway/job.h"
#include "ringway/meta.h"
#include "ringway/xfer.h"
#include "tests/interface/graph.h"
#include "tests/interface/kinds.h"
#include "tests/interface/wire.h"

namespace ringway::testing {
namespace {

// Handles all there is.
class Everything : public Tracked {
 public:
  Everything();
  long Deliver(ArrayRef<const std::byte> data, const XferMetadata& metadata) {
    sum += metadata.flags;
    for (const std::byte byte : data) sum += std::to_integer<uint32_t>(byte);
    return RW_EOK;
  }
  long Window(uint64_t& bytes) { return bytes = 1, RW_EOK; }
  void WindowChanged() {}
  long AllocBuffer(uint64_t, uint64_t& headroom) { return headroom = 2, RW_EOK; }
  long Progress(JobProgress& progress) { return progress = {3, 4}, RW_EOK; }
  void Close(int64_t) {}
  uint32_t sum = 0;
  Endpoint end;

 private:
  void Unplug() override { end.Unplug(); }
};
constexpr Operation kEverything[] = {
    kOperation<Xfer::Deliver, &Everything::Deliver>,
    kOperation<Xfer::Window, &Everything::Window>,
    kOperation<Xfer::WindowChanged, &Everything::WindowChanged>,
    kOperation<Xfer::AllocBuffer, &Everything::AllocBuffer>,
    kOperation<Job::Progress, &Everything::Progress>,
    kOperation<Intf::Close, &Everything::Close>,
};
Everything::Everything() : end(kDescriptor<&Everything::end, kEverything>) {}

class GraphWireTest : public ::testing::Test {
 protected:
  ~GraphWireTest() override {
    node_.Stop();
    Tracked::UnplugAll();
  }

  // Each sends one message, into a portal that nobody answers on.
  template <class M, class... Args>
  static void Send(const Cap<Object>& to, Args&&... args) {
    static_cast<void>(to.As<typename M::Interface>().template Call<M>(std::forward<Args>(args)...));
  }
  Cap<Plugging> Peer() { return Cap<Plugging>(std::move(local_.Pair().first)); }
  const std::map<std::string, std::function<void(const Cap<Object>&)>> senders_ = {
      {"plug", [this](const auto& to) { Send<Plugging::Plug>(to, Peer(), true); }},
      {"redirect", [this](const auto& to) { Send<Plugging::Redirect>(to, Peer()); }},
      {"leave", [](const auto& to) { Send<Plugging::Leave>(to); }},
      {"close", [](const auto& to) { Send<Intf::Close>(to, int64_t{-RW_EIO}); }},
      {"deliver",
       [](const auto& to) {
         const std::array<std::byte, 5> data = {};
         Send<Xfer::Deliver>(to, data, XferMetadata());
       }},
      {"window",
       [](const auto& to) {
         uint64_t bytes = 0;
         Send<Xfer::Window>(to, bytes);
       }},
      {"window_changed", [](const auto& to) { Send<Xfer::WindowChanged>(to); }},
      {"alloc_buffer",
       [](const auto& to) {
         uint64_t headroom = 0;
         Send<Xfer::AllocBuffer>(to, uint64_t{9}, headroom);
       }},
      {"progress",
       [](const auto& to) {
         JobProgress progress;
         Send<Job::Progress>(to, progress);
       }},
      {"num_interfaces", [](const auto& to) { Send<Meta::NumInterfaces>(to); }},
      {"interface",
       [](const auto& to) {
         InterfaceId id;
         Send<Meta::InterfaceAt>(to, 0u, id);
       }},
      {"supports", [](const auto& to) { Send<Meta::Supports>(to, kIntfId); }},
      {"clone",
       [](const auto& to) {
         Handle clone;
         Send<Meta::Clone>(to, kAllRights, clone);
       }},
  };

  // As a call, so that it is answered.
  Bytes RequestOf(const std::string& name) {
    auto pair = local_.Pair();
    senders_.at(name)(Cap<Object>(std::move(pair.first)).Until(Deadline::Now()));
    Bytes bytes = pair.second.Get()->bytes;
    bytes[offsetof(RequestHeader, kind)] = std::byte{kKindCall};
    return bytes;
  }
  // Nothing, if it was not worth an answer.
  Bytes Exchange(const Bytes& request) {
    if (!portal_ || PeerClosed(portal_.get())) {
      portal_ = node_.RawConnect(object_->end, Place::kSameNode);
    }
    Bytes reply = testing::Exchange(node_.node(), portal_, request);
    if (reply.empty()) portal_.Close();
    return reply;
  }
  void Attack(const std::string& name, const Bytes& request) {
    const Bytes reply = Exchange(request);
    if (reply.empty()) return;
    EXPECT_LT(StatusIn(reply), 0) << name << ' ' << Hex(request);
    EXPECT_EQ(reply.size(), sizeof(ReplyHeader));
  }
  void ExpectSound() {
    const auto sound = node_.Connect<Job>(object_->end, Place::kSameNode);
    JobProgress progress;
    EXPECT_EQ(sound.Until(Deadline::In(20'000'000'000)).Call<Job::Progress>(progress), 0);
    EXPECT_EQ(progress.total, 4u);
  }

  LocalNode local_;
  ServedNode node_;
  const Ref<Everything> object_ = MakeRef<Everything>();
  Portal portal_;
};

TEST_F(GraphWireTest, RefusesMessagesThatEndEarlyOrLate) {
  for (const auto& [name, send] : senders_) {
    const Bytes whole = RequestOf(name);
    for (size_t size = 0; size < whole.size(); ++size) Attack(name, Prefix(whole, size));
    Bytes longer = whole;
    longer.resize(whole.size() + 8);
    Attack(name, longer);
  }
  ExpectSound();
}

TEST_F(GraphWireTest, RefusesHandlesThatAreNotThereOrTooMany) {
  for (const char* name : {"plug", "redirect", "window", "leave"}) {
    const Bytes whole = RequestOf(name);
    const auto there = std::to_integer<uint8_t>(whole[offsetof(RequestHeader, attachments)]);
    for (uint8_t count = 0; count <= kAttachmentsMax; ++count) {
      if (count == there) continue;
      Bytes changed = whole;
      changed[offsetof(RequestHeader, attachments)] = std::byte{count};
      Attack(name, changed);
    }
  }
  ExpectSound();
}

// Where a capability is meant.
TEST_F(GraphWireTest, ABoxIsNoEndpointHoweverManyPortalsThereAre) {
  std::vector<Portal> others;
  for (int i = 0; i < 6; ++i) others.push_back(node_.RawConnect(object_->end, Place::kSameNode));
  for (const char* name : {"plug", "redirect"}) {
    Portal portal = node_.RawConnect(object_->end, Place::kSameNode);
    std::vector<Handle> box;
    IpczDriverHandle memory = 0;
    ASSERT_EQ(RingwayLinuxDriver()->AllocateSharedMemory(4096, 0, nullptr, &memory),
              IPCZ_RESULT_OK);
    box.push_back(*node_.node().Box(memory));
    ASSERT_EQ(portal.Put(RequestOf(name), box), IPCZ_RESULT_OK);
    ASSERT_EQ(portal.Wait(Deadline::In(20'000'000'000)), IPCZ_RESULT_OK);
    ExpectSound();
  }
}

TEST_F(GraphWireTest, RandomBytesDoNoHarm) {
  std::minstd_rand random(1);
  for (const auto& [name, send] : senders_) {
    const Bytes whole = RequestOf(name);
    for (int round = 0; round < 300; ++round) {
      Bytes changed = whole;
      for (uint32_t i = 0; i <= random() % 4; ++i) {
        changed[random() % changed.size()] = std::byte(random() & 255);
      }
      changed[offsetof(RequestHeader, kind)] = std::byte{kKindCall};
      static_cast<void>(Exchange(changed));
    }
  }
  ExpectSound();
}

}  // namespace
}  // namespace ringway::testing

// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The one core that all kinds of servers share: an object has tables of
// methods; a message, or a local call, is looked up there.

#ifndef RINGWAY_SERVED_H_
#define RINGWAY_SERVED_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "ringway/identity.h"
#include "ringway/interface_id.h"
#include "ringway/message.h"
#include "ringway/reply.h"
#include "ringway/target.h"

namespace ringway {
inline namespace api {

class CallContext;
class Loop;

// What the holder of a portal may do with the object behind it. Kept at the
// server, with the portal; never in a message.
using Rights = uint32_t;
inline constexpr Rights kAllRights = ~Rights{0};

// What a server knows of whoever holds the other end of a portal. It is kept
// with the portal, whatever the messages say.
struct Admission {
  Rights rights = kAllRights;
  Identity identity = {};
  // It is believed what it says of those it forwards for. Otherwise, all that
  // comes from it counts as its own.
  bool may_forward = false;
  // Let go of when the portal has ended, and all its clones.
  std::shared_ptr<void> lease = nullptr;
};

// A request on its way through the table of an object.
struct Invocation {
  IncomingMessage& request;
  uint32_t presence;
  OutgoingMessage& reply;
  IpczHandle reply_portal;  // where the reply goes, so that a large one is made there
  size_t reply_bytes = sizeof(ReplyHeader);
  uint32_t reply_presence = 0;
};

// Decodes, calls, encodes. The status for the reply.
using WireHandler = int64_t (*)(void* self, CallContext& context, Invocation& invocation);
struct MethodEntry {
  uint32_t opcode;
  Rights rights;
  WireHandler wire;
  // The same without a message: which declaration of the method this is for, unique in this
  // process, and where a pointer to its LocalCallOf<>::Function is.
  const void* type;
  const void* local;
};

struct InterfaceTable {
  InterfaceId id;
  std::span<const MethodEntry> methods;  // by opcode

  const MethodEntry* Find(uint32_t opcode) const {
    // Opcodes mostly are their own index.
    const bool here = opcode < methods.size() && methods[opcode].opcode == opcode;
    return here ? &methods[opcode] : Search(opcode);
  }

 private:
  const MethodEntry* Search(uint32_t opcode) const;
};

struct ObjectTable {
  std::span<const InterfaceTable> interfaces;  // the object's own first, then its bases and parts
  std::span<const InterfaceTable> defaults = {};  // for what nothing behind the object takes either
};

// A request as it arrived through a portal, its header checked.
struct Delivery {
  const RequestHeader& header;
  IncomingMessage& request;
  const Admission& admission;
  const CallChain& caller;
  Reply& reply;
};

// Where a loop is, for objects that outlive it.
struct LoopSlot {
  std::atomic<Loop*> loop;
};

// An object that can be called. Immovable. Destroying it, while calls to it are
// under way on other threads, is the caller's mistake; later ones get -RW_ENOENT.
class Served {
 public:
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  const ObjectTable& table() const { return *table_.load(); }
  void* self() const { return self_; }
  Target target() const { return Target(Reference()); }
  // What a target and a portal to this object keep. An object that counts its references lives as
  // long as one of them.
  virtual std::shared_ptr<ServedSlot> Reference() const { return slot_; }
  // The loop that serves this object, null if none does (any more).
  Loop* loop() const;

  // Where a message goes that this object has no method for.
  virtual Target PassThrough() const { return Target(); }
  // The same for one method, which may have another name there.
  virtual Target Route(MethodKey&) const { return PassThrough(); }
  // Takes a whole request instead of having it looked up. False: not taken.
  virtual bool Take(Delivery&) { return false; }
  // Nothing more comes through this channel, which is_watched(). Whether calls may have ended by
  // that.
  virtual bool ChannelEnded(ReplyChannel&) { return false; }
  // Its handlers may be called while others of them wait for a reply, so that no message may occupy
  // its portal until its handler returns.
  virtual bool is_reentrant() const { return false; }

 protected:
  // `self` is what the handlers of `table` expect.
  Served(const ObjectTable* table, void* self);
  virtual ~Served();

  void set_table(const ObjectTable* table) { table_ = table; }
  const std::shared_ptr<ServedSlot>& slot() const { return slot_; }

 private:
  friend class Loop;
  void SetLoop(std::shared_ptr<LoopSlot> loop);

  std::atomic<const ObjectTable*> table_;
  void* self_;
  mutable std::mutex loop_mutex_;
  std::shared_ptr<LoopSlot> loop_;
  std::shared_ptr<ServedSlot> slot_;
};

// What a handler is told about the call.
class CallContext {
 public:
  CallContext(Served* object, const Admission& admission, const CallChain& caller, uint8_t kind,
              uint8_t hops)
      : object_(object), admission_(admission), caller_(caller), kind_(kind), hops_(hops) {}

  Served& object() const { return *object_; }
  Rights rights() const { return admission_.rights; }
  // How the portal was admitted that the message came by.
  const Admission& admission() const { return admission_; }
  const CallChain& caller() const { return caller_; }
  // kKindCall, kKindOneWay, ...
  uint8_t kind() const { return kind_; }
  uint8_t hops() const { return hops_; }
  // What the message came through; null if the caller is in this process.
  ReplyChannel* channel() const { return channel_; }

  // Takes the right and the duty to reply. The handler returns -RW_ENOREPLY.
  Reply TakeReply();

 private:
  friend class Dispatcher;
  friend class LocalCall;
  Served* object_;
  const Admission& admission_;
  const CallChain& caller_;
  uint8_t kind_;
  uint8_t hops_;
  ReplyChannel* channel_ = nullptr;
  Reply reply_;
  std::shared_ptr<LocalReplyChannel>* local_channel_ = nullptr;
};

inline void SetKey(RequestHeader* header, const MethodKey& key) {
  header->interface_high = key.interface.high;
  header->interface_low = key.interface.low;
  header->opcode = key.opcode;
}

// Where a method was found.
struct Resolved {
  MethodKey key;  // as it is known there
  const MethodEntry* entry = nullptr;
  void* self = nullptr;
  Served* object = nullptr;
  Target behind;  // what pass-through led to: the object, which is kept by this, or a portal
  uint8_t hops = 0;
  int64_t error = 0;
};

// Own table, bases and parts, pass-through; else -RW_EBADPROTO, -RW_ENOSYS or -RW_ELOOP.
Resolved Resolve(Served& object, const MethodKey& key, uint8_t hops);

// Handles one request that came through `channel` for the object of `slot`.
// False: the message is none, and its sender not worth listening to.
bool Dispatch(const std::shared_ptr<ServedSlot>& slot, const Admission& admission,
              ReplyChannel& channel, IpczHandle node, IncomingMessage& request);

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_SERVED_H_

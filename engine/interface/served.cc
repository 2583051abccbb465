// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/served.h"

#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>

#include "ringway/errors.h"
#include "ringway/forward.h"
#include "ringway/meta.h"

namespace ringway {
inline namespace api {

namespace {

bool IsRequestKind(uint8_t kind) { return kind >= kKindOneWay && kind <= kKindMove; }

MethodKey KeyOf(const RequestHeader& header) {
  return {{header.interface_high, header.interface_low}, header.opcode};
}

// The method in the tables of an object; null: not there. `known`: at least the interface is.
const MethodEntry* Find(std::span<const InterfaceTable> tables, const MethodKey& key, bool* known) {
  for (const InterfaceTable& table : tables) {
    if (table.id != key.interface) continue;
    *known = true;
    if (const MethodEntry* entry = table.Find(key.opcode)) return entry;
  }
  return nullptr;
}

}  // namespace

const MethodEntry* InterfaceTable::Search(uint32_t opcode) const {
  const auto found = std::lower_bound(
      methods.begin(), methods.end(), opcode,
      [](const MethodEntry& entry, uint32_t value) { return entry.opcode < value; });
  return found != methods.end() && found->opcode == opcode ? &*found : nullptr;
}

void CallChain::ComesFrom(std::span<const Identity> before) {
  chain_[before.size()] = chain_[0];
  std::copy(before.begin(), before.end(), chain_.begin());
  length_ = before.size() + 1;
}

Served::Served(const ObjectTable* table, void* self)
    : table_(table), self_(self), slot_(std::make_shared<ServedSlot>()) {
  slot_->object = this;
}

Served::~Served() { slot_->object = nullptr; }

Loop* Served::loop() const {
  std::lock_guard lock(loop_mutex_);
  return loop_ ? loop_->loop.load() : nullptr;
}

void Served::SetLoop(std::shared_ptr<LoopSlot> loop) {
  std::lock_guard lock(loop_mutex_);
  loop_ = std::move(loop);
}

Reply CallContext::TakeReply() {
  if (local_channel_ && !*local_channel_) {
    *local_channel_ = std::make_shared<LocalReplyChannel>();
    reply_ = Reply::Owning(*local_channel_, 0);
  }
  reply_.Keep();
  return std::move(reply_);
}

Resolved Resolve(Served& object, const MethodKey& key, uint8_t hops) {
  Resolved found;
  found.key = key;
  found.object = &object;
  const auto look_in = [&](std::span<const InterfaceTable> tables, bool* known) {
    found.entry = Find(tables, found.key, known);
    if (found.entry) found.self = found.object->self();
    return found.entry != nullptr;
  };
  for (;;) {
    found.hops = hops;
    bool known = false;
    const ObjectTable& table = found.object->table();
    if (look_in(table.interfaces, &known)) return found;
    Target next = found.object->Route(found.key);
    if (!next) {
      if (!look_in(table.defaults, &known)) found.error = known ? -RW_ENOSYS : -RW_EBADPROTO;
      return found;
    }
    if (++hops > kHopsMax) {
      found.error = -RW_ELOOP;
      return found;
    }
    // In this order: the target before may be all that keeps the object whose target this is.
    std::swap(found.behind, next);
    if (!found.behind.is_local()) {
      found.hops = hops;
      return found;
    }
    found.object = found.behind.local();
    if (!found.object) {
      found.error = -RW_ENOENT;
      return found;
    }
  }
}

// One request, from its bytes to its reply.
class Dispatcher {
 public:
  Dispatcher(const Admission& admission, ReplyChannel& channel, IpczHandle node,
             IncomingMessage& request)
      : admission_(admission),
        caller_(admission.identity),
        channel_(&channel),
        node_(node),
        request_(request) {}

  bool Run(const std::shared_ptr<ServedSlot>& slot) {
    if (!ReadHeader()) return false;
    if (WantsReply(kind_)) reply_ = Reply(channel_, header_.transaction);
    if (bad_ != RW_EOK) return Answer(bad_);
    if ((header_.kind & kKindForwarded) != 0 && !ReadChain()) return Answer(-RW_EPROTO);
    if ((header_.kind & kKindWithReplyPortal) != 0 && !TakeReplyPortal()) return Answer(-RW_EPROTO);
    Served* object = slot->object.load();
    if (!object) return Answer(-RW_ENOENT, kReplyUnhandled);
    Delivery delivery = {header_, request_, admission_, caller_, reply_};
    if (object->Take(delivery)) return true;
    const MethodKey key = KeyOf(header_);
    if (key.interface == kMetaId) [[unlikely]] {
      return Invoke(MetaMethod(key.opcode), *object, nullptr, header_.hops);
    }
    if (channel_->is_closed() && key == MethodKey{kIntfId, kIntfClose}) return Answer(RW_EOK);
    bool known = false;
    const MethodEntry* own = Find(object->table().interfaces, key, &known);
    if (own) [[likely]]
      return Invoke(own, *object, object->self(), header_.hops);
    return GoOn(*object, key);
  }

 private:
  // To what is behind the object.
  bool GoOn(Served& object, const MethodKey& key) {
    Resolved found = Resolve(object, key, header_.hops);
    if (found.error != RW_EOK) {
      return Answer(found.error, found.error == -RW_ELOOP ? 0 : kReplyUnhandled);
    }
    if (!found.entry) {
      header_.hops = found.hops;
      SetKey(&header_, found.key);
      const int64_t sent = ForwardMessage(found.behind, header_, caller_, request_, &reply_);
      return sent == RW_EOK || Answer(sent);
    }
    return Invoke(found.entry, *found.object, found.self, found.hops);
  }

  // False: there is nothing that could be answered.
  bool ReadHeader() {
    const std::span<const std::byte> bytes = request_.bytes();
    // As much as says whom to answer.
    if (bytes.size() < offsetof(RequestHeader, opcode)) return false;
    if (bytes.size() >= sizeof(header_)) [[likely]] {
      std::memcpy(&header_, bytes.data(), sizeof(header_));
    } else {
      std::memcpy(&header_, bytes.data(), bytes.size());
      bad_ = -RW_EMSGTOOSHORT;
    }
    if (header_.version != kMessageVersion) return false;
    kind_ = KindOf(header_);
    if (!IsRequestKind(kind_)) return false;
    if (bad_ != RW_EOK) return true;
    if (request_.over_quota()) {
      bad_ = -RW_ENOBUFS;
    } else if (header_.attachments != request_.num_handles()) {
      bad_ = -RW_EPROTO;
    } else if (header_.hops > kHopsMax) {
      bad_ = -RW_ELOOP;
    }
    return true;
  }

  // Takes what stands behind the parameters. The sender may change it meanwhile.
  bool ReadChain() {
    const std::span<const std::byte> bytes = request_.bytes();
    uint32_t length = 0;
    if (bytes.size() - sizeof(header_) < sizeof(length)) return false;
    std::memcpy(&length, &bytes[bytes.size() - sizeof(length)], sizeof(length));
    if (length == 0 || length > kForwardersMax) return false;
    const size_t num_bytes = length * sizeof(Identity) + sizeof(length);
    if (bytes.size() - sizeof(header_) < num_bytes) return false;
    std::array<Identity, kForwardersMax> before;
    std::memcpy(before.data(), &bytes[bytes.size() - num_bytes], length * sizeof(Identity));
    if (admission_.may_forward) caller_.ComesFrom(std::span(before).first(length));
    request_.DropTail(num_bytes);
    return true;
  }

  bool TakeReplyPortal() {
    if (!WantsReply(kind_) || request_.num_handles() == 0) return false;
    own_channel_ =
        std::make_shared<ReplyPortalChannel>(Portal(request_.PopHandle().Release()), node_);
    channel_ = own_channel_.get();
    reply_ = Reply::Owning(own_channel_, header_.transaction);
    return true;
  }

  // What a handler throws is an error for its caller, and for nobody else.
  static int64_t Call(const MethodEntry& entry, void* self, CallContext& context,
                      Invocation& invocation) {
    try {
      return entry.wire(self, context, invocation);
    } catch (const std::bad_alloc&) {
      return -RW_ENOMEM;
    } catch (const std::system_error& error) {
      const std::error_condition what = error.code().default_error_condition();
      const bool is_errno = what.category() == std::generic_category() && what.value() > 0;
      return is_errno ? -int64_t{what.value()} : -RW_EIO;
    } catch (const abi::__forced_unwind&) {
      throw;  // the thread is cancelled
    } catch (...) {
      return -RW_ECANCELED;
    }
  }

  bool Invoke(const MethodEntry* entry, Served& object, void* self, uint8_t hops) {
    if (!entry) return Answer(-RW_ENOSYS, kReplyUnhandled);
    if ((entry->rights & ~admission_.rights) != 0) return Answer(-RW_EPERM);
    if (object.is_reentrant() && !request_.MakePrivate()) return Answer(-RW_ENOMEM);
    CallContext context(&object, admission_, caller_, kind_, hops);
    context.channel_ = channel_;
    context.reply_ = std::move(reply_);
    OutgoingMessage reply;
    Invocation invocation = {request_, header_.presence, reply, channel_->portal()};
    const int64_t status = Call(*entry, self, context, invocation);
    reply_ = std::move(context.reply_);
    // Taken by the handler, or never asked for.
    if (!reply_) return true;
    if (status < 0) return Answer(status == -RW_ENOREPLY ? -RW_ECANCELED : status);
    static_cast<void>(
        reply_.Send(status, invocation.reply_presence, reply, invocation.reply_bytes));
    return !reply_;
  }

  // False: the caller could not be told.
  bool Answer(int64_t status, uint8_t flags = 0) {
    if (reply_) static_cast<void>(reply_.Send(status, flags));
    return !reply_;
  }

  const Admission& admission_;
  CallChain caller_;
  ReplyChannel* channel_;
  IpczHandle node_;
  IncomingMessage& request_;
  RequestHeader header_ = {};
  uint8_t kind_ = 0;
  int64_t bad_ = RW_EOK;
  std::shared_ptr<ReplyChannel> own_channel_;
  Reply reply_;
};

bool Dispatch(const std::shared_ptr<ServedSlot>& slot, const Admission& admission,
              ReplyChannel& channel, IpczHandle node, IncomingMessage& request) {
  return Dispatcher(admission, channel, node, request).Run(slot);
}

}  // namespace api
}  // namespace ringway

// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include <cstring>
#include <utility>

#include "ringway/forward.h"
#include "ringway/inbox.h"

namespace ringway {
inline namespace api {

struct Envelope::State {
  State(Delivery& delivery, std::shared_ptr<std::atomic<size_t>> held_count)
      : header(delivery.header),
        caller(delivery.caller),
        rights(delivery.admission.rights),
        reply(std::move(delivery.reply)),
        held(std::move(held_count)) {
    message.TakeFrom(delivery.request);
    // The portal that it goes back on may end before.
    reply.Keep();
    ++*held;
  }
  ~State() { --*held; }

  uint8_t kind() const { return KindOf(header); }

  // Finds the memory, once.
  int64_t Open() {
    if (is_open) return RW_EOK;
    if (kind() != kKindLend && kind() != kKindLendMut && kind() != kKindMove) return -RW_EINVAL;
    Reader reader(&message, sizeof(RequestHeader), header.presence);
    bytes = kind() == kKindLendMut ? GetBytes(reader) : GetMemory(reader, &memory);
    const int64_t status = reader.Finish();
    if (status != RW_EOK) return status;
    length = bytes.size();
    is_open = true;
    return RW_EOK;
  }
  // The message has its handles again.
  void Close() {
    if (!memory.is_shared()) return;
    message.PutBack(0, std::move(memory).IntoBox());
    is_open = false;
  }

  const RequestHeader header;
  const CallChain caller;
  const Rights rights;
  IncomingMessage message;
  Reply reply;
  bool is_open = false;
  Memory memory;  // if it came in a box
  std::span<const std::byte> bytes;
  size_t length = 0;  // how many come back
  std::shared_ptr<std::atomic<size_t>> held;
};

Envelope::Envelope() = default;
Envelope::Envelope(Envelope&&) noexcept = default;
Envelope& Envelope::operator=(Envelope&&) noexcept = default;
Envelope::~Envelope() = default;

Envelope Envelope::Of(Delivery& delivery, std::shared_ptr<std::atomic<size_t>> held) {
  Envelope envelope;
  envelope.state_ = std::make_shared<State>(delivery, std::move(held));
  return envelope;
}

uint8_t Envelope::kind() const { return state_->kind(); }
InterfaceId Envelope::interface() const {
  return {state_->header.interface_high, state_->header.interface_low};
}
uint32_t Envelope::id() const { return state_->header.opcode; }
const CallChain& Envelope::caller() const { return state_->caller; }
Rights Envelope::rights() const { return state_->rights; }

int64_t Envelope::ReadWords(Words* words) const {
  const std::span<const std::byte> bytes = state_->message.bytes();
  if (bytes.size() != sizeof(RequestHeader) + sizeof(Words)) return -RW_EPROTO;
  if (kind() != kKindOneWay && kind() != kKindCall) return -RW_EPROTO;
  std::memcpy(words->data(), bytes.data() + sizeof(RequestHeader), sizeof(Words));
  return RW_EOK;
}

int64_t Envelope::Look(View* view) {
  if (!state_) return -RW_EINVAL;
  const int64_t status = state_->Open();
  if (status != RW_EOK) return status;
  view->Reset();
  view->state_ = state_;
  view->view_ = state_->bytes;
  return RW_EOK;
}

int64_t Envelope::TakeMemory(Memory* memory) {
  if (!state_ || kind() != kKindMove) return -RW_EINVAL;
  if (has_view()) return -RW_EBUSY;
  const int64_t status = state_->Open();
  if (status != RW_EOK) return status;
  if (state_->memory.is_shared()) {
    *memory = std::move(state_->memory);
  } else {
    Result<Memory> copy = Memory::CopyOf(state_->bytes);
    if (!copy) return ErrorOf(copy.result());
    *memory = *std::move(copy);
  }
  state_.reset();
  return RW_EOK;
}

int64_t Envelope::MayAnswer() const {
  if (!state_ || !state_->reply) return -RW_EINVAL;
  return has_view() ? -RW_EBUSY : RW_EOK;
}

int64_t Envelope::ReturnWords(std::span<const uint64_t> words) {
  const int64_t may = MayAnswer();
  if (may != RW_EOK) return may;
  const bool is_number = words.size() == 1 || words.size() == 2 || words.size() == kReplyWordsMax;
  if (kind() != kKindCall || !is_number) return -RW_EINVAL;
  OutgoingMessage message;
  const size_t num_bytes = sizeof(ReplyHeader) + words.size_bytes();
  int64_t status = message.Reserve(IPCZ_INVALID_HANDLE, num_bytes);
  if (status != RW_EOK) return status;
  std::memcpy(message.data() + sizeof(ReplyHeader), words.data(), words.size_bytes());
  status = state_->reply.Send(RW_EOK, 0, message, num_bytes);
  state_.reset();
  return status;
}

int64_t Envelope::Return(int64_t status) {
  const int64_t may = MayAnswer();
  if (may != RW_EOK) return may;
  const int64_t opened = kind() == kKindLendMut ? state_->Open() : RW_EOK;
  if (status >= 0 && opened != RW_EOK) status = opened;
  int64_t sent;
  if (kind() == kKindLendMut && status >= 0) {
    const std::span<const std::byte> bytes = state_->bytes.first(state_->length);
    Sizer plan(sizeof(ReplyHeader));
    PutMemory(plan, false, bytes);
    OutgoingMessage message;
    sent = message.Reserve(state_->reply.channel()->portal(), plan.at());
    if (sent != RW_EOK) return sent;
    Writer writer(&message, sizeof(ReplyHeader));
    PutMemory(writer, false, bytes);
    sent = state_->reply.Send(status, 0, message, writer.at());
  } else {
    sent = state_->reply.Send(status);
  }
  state_.reset();
  return sent;
}

int64_t Envelope::Forward(const Target& to, const MethodKey& as) {
  if (!state_) return -RW_EINVAL;
  if (has_view()) return -RW_EBUSY;
  if (state_->header.hops >= kHopsMax) return -RW_ELOOP;
  state_->Close();
  RequestHeader header = state_->header;  // which stays as it is, should this fail
  SetKey(&header, as);
  ++header.hops;
  const int64_t status =
      ForwardMessage(to, header, state_->caller, state_->message, &state_->reply);
  if (status == RW_EOK) state_.reset();
  return status;
}

Envelope::View& Envelope::View::operator=(View&& other) noexcept {
  if (this == &other) return *this;
  state_ = std::move(other.state_);
  view_ = std::exchange(other.view_, {});
  return *this;
}

void Envelope::View::Reset() {
  view_ = {};
  state_.reset();
}

std::span<std::byte> Envelope::View::bytes() const {
  if (!state_ || state_->kind() != kKindLendMut) return {};
  // They are in the message, which is our own copy.
  return {const_cast<std::byte*>(view_.data()), view_.size()};
}

int64_t Envelope::View::Resize(size_t num_bytes) {
  if (!state_ || state_->kind() != kKindLendMut) return -RW_EINVAL;
  if (num_bytes > view_.size()) return -RW_EMSGTOOLONG;
  state_->length = num_bytes;
  return RW_EOK;
}

}  // namespace api
}  // namespace ringway

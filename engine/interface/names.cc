// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/names.h"

#include <chrono>
#include <mutex>
#include <vector>

#include "ringway/server.h"

namespace ringway {
inline namespace api {

namespace {

constexpr uint64_t kForEver = UINT64_MAX;

uint64_t NowNs() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                               std::chrono::nanoseconds(1));
}

// For the host, whose clock need not be ours.
uint64_t TimeUntil(Deadline deadline) {
  if (deadline.ns() == RINGWAY_NO_DEADLINE) return kForEver;
  const uint64_t now = NowNs();
  return deadline.ns() > now ? deadline.ns() - now : 0;
}

// With what would end a C string in the middle.
String<> AsText(const std::string& name) { return {name.c_str(), name.size() + 1}; }

}  // namespace

Result<ServerId> CreateServerId(const Node& node) {
  if (!node.driver()) return Result<ServerId>::Failure(IPCZ_RESULT_INVALID_ARGUMENT);
  ServerId id;
  while (!id) {
    const IpczResult result =
        node.driver()->GenerateRandomBytes(sizeof(id), IPCZ_NO_FLAGS, nullptr, &id);
    if (result != IPCZ_RESULT_OK) return Result<ServerId>::Failure(result);
  }
  return id;
}

// What a server and its connections share of the registration.
struct Registered::Seat {
  std::mutex mutex;
  bool withdrawn = false;
  Cap<Registration> registration;     // empty until the host has answered, and once withdrawn
  std::vector<uint64_t> ended_early;  // connections that ended before that answer was read

  void Confirm(Cap<Registration> confirmed) {
    std::lock_guard lock(mutex);
    registration = std::move(confirmed);
    for (const uint64_t connection : ended_early) Tell(connection);
  }
  void Ended(uint64_t connection) {
    std::lock_guard lock(mutex);
    if (withdrawn) return;
    if (registration) {
      Tell(connection);
    } else {
      ended_early.push_back(connection);
    }
  }
  void Withdraw() {
    std::lock_guard lock(mutex);
    withdrawn = true;
    registration = Cap<Registration>();
  }

 private:
  // If the host is gone, nobody counts any more.
  void Tell(uint64_t connection) {
    static_cast<void>(registration.Call<Registration::Ended>(connection));
  }
};

// Admits those who connect. It lives as long as the host's portal to it.
class Registered::ConnectorServer final : public Server<ConnectorServer, Connector> {
 public:
  ConnectorServer(Loop& loop, const Served& object, const Offer& offer, std::shared_ptr<Seat> seat)
      : loop_(loop),
        object_(object.Reference()),
        rights_(offer.rights),
        admit_(offer.admit),
        seat_(std::move(seat)) {}

  long Handle(Connector::Connect, CallContext&, ringway::Handle portal, Identity client,
              uint64_t connection) {
    Admission admission = {.rights = rights_, .identity = client};
    admission.lease = std::shared_ptr<void>(
        nullptr, [seat = seat_, connection](void*) { seat->Ended(connection); });
    Served* object = object_->object.load();
    if (!object || (admit_ && !admit_(admission))) return -RW_EPERM;
    loop_.Serve(Portal(portal.Release()), *object, std::move(admission));
    return RW_EOK;
  }

 private:
  Loop& loop_;
  const std::shared_ptr<ServedSlot> object_;
  const Rights rights_;
  const std::function<bool(Admission&)> admit_;
  const std::shared_ptr<Seat> seat_;
};

Registered& Registered::operator=(Registered&& other) noexcept {
  if (this != &other) {
    Withdraw();
    seat_ = std::move(other.seat_);
  }
  return *this;
}

void Registered::Withdraw() {
  if (seat_) seat_->Withdraw();
  seat_.reset();
}

Result<Names> Names::Join(IpczHandle node, IpczDriverHandle transport) {
  IpczHandle portal = IPCZ_INVALID_HANDLE;
  const IpczResult result =
      Ipcz().ConnectNode(node, transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, nullptr, &portal);
  if (result != IPCZ_RESULT_OK) return Result<Names>::Failure(result);
  return Names(Portal(portal));
}

int64_t Names::Register(Loop& loop, Served& object, const Offer& offer,
                        Registered* registered) const {
  auto seat = std::make_shared<Registered::Seat>();
  auto connector = std::make_shared<Registered::ConnectorServer>(loop, object, offer, seat);
  Result<Portal> portal = loop.Open(*connector, Admission{.lease = connector});
  if (!portal) return ErrorOf(portal.result());
  Cap<Registration> registration;
  const int64_t status = directory_.Call<NameDirectory::Register>(
      AsText(offer.name), offer.id, offer.limit, Cap<Connector>(*std::move(portal)), registration);
  if (status != RW_EOK) return status;
  seat->Confirm(std::move(registration));
  Registered fresh;
  fresh.seat_ = std::move(seat);
  *registered = std::move(fresh);
  return RW_EOK;
}

int64_t Names::ConnectPortal(const ServerKey& key, Portal* portal, Deadline deadline,
                             Identity* server) const {
  Handle handle;
  Identity identity = {};
  const uint64_t wait_ns = TimeUntil(deadline);
  // Without waiting for the server it is still a call, which the host has to answer.
  const Cap<NameDirectory> directory =
      wait_ns == 0 ? directory_.Share() : directory_.Until(deadline);
  const int64_t status =
      directory.Call<NameDirectory::Connect>(AsText(key.name), key.id, wait_ns, handle, identity);
  if (status != RW_EOK) return status;
  if (!handle) return -RW_EPROTO;
  *portal = Portal(handle.Release());
  if (server) *server = identity;
  return RW_EOK;
}

}  // namespace api
}  // namespace ringway

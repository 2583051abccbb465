// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/name_service.h"

#include <algorithm>
#include <chrono>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ringway/names.h"
#include "ringway/server.h"

namespace ringway {
inline namespace api {

namespace {

constexpr uint64_t kAlarmAheadNs = 1'000'000'000;

Deadline After(uint64_t wait_ns) {
  const Deadline now = Deadline::In(0);
  return wait_ns > RINGWAY_NO_DEADLINE - now.ns() ? Deadline::Never()
                                                  : Deadline::At(now.ns() + wait_ns);
}

// `key` as a message has it. False if it cannot be.
bool ReadKey(const String<>& name, ServerId id, ServerKey* key) {
  const size_t num_bytes = name.length - 1;  // the NUL
  if (num_bytes > kNameBytesMax) return false;
  key->name.assign(name.data, num_bytes);
  key->id = id;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (std::any_of(key->name.begin(), key->name.end(), is_control)) return false;
  return !key->name.empty() || key->id;
}

// A registered server.
class Entry final : public Server<Entry, Registration> {
 public:
  Entry(ServerKey with, uint32_t most, Cap<Connector> to, const Identity& who)
      : key(std::move(with)), limit(most), connector(std::move(to)), server(who) {}

  long Handle(Registration::Ended, CallContext&, uint64_t connection) {
    const auto found = connections.find(connection);
    if (found == connections.end()) return -RW_ENOENT;
    if (ended) ended(found->second);
    connections.erase(found);
    return RW_EOK;
  }

  bool is_full() const { return limit != kNoLimit && connections.size() >= limit; }
  bool Matches(const ServerKey& wanted) const {
    return wanted.name.empty() ? wanted.id && wanted.id == key.id : wanted.name == key.name;
  }

  const ServerKey key;
  const uint32_t limit;
  const Cap<Connector> connector;
  const Identity server;
  std::map<uint64_t, uint64_t> connections;    // of which client each is
  std::function<void(uint64_t client)> ended;  // one of its connections
};

}  // namespace

// All that runs on the loop's thread.
class NameService::Directory final : public Server<Directory, NameDirectory> {
 public:
  explicit Directory(NameService& service) : service_(service) {}

  // One process is served from now on, until the lease ends.
  std::shared_ptr<void> NewClient(uint64_t client) {
    return {nullptr, [this, client](void*) { Forget(client); }};
  }

  long Handle(NameDirectory::Register, CallContext& context, const String<>& name, ServerId id,
              uint32_t limit, Cap<Connector> connector, Cap<Registration>& registration) {
    ServerKey key{id};
    if (!ReadKey(name, id, &key)) return -RW_EINVAL;
    if (IsTaken(key)) return -RW_EEXIST;
    const Identity& who = context.caller().sender();
    Client& client = clients_[who.client];
    if (client.servers == kServersMax) return -RW_ENOMEM;
    auto entry = std::make_shared<Entry>(std::move(key), limit, std::move(connector), who);
    entry->ended = [this](uint64_t of) { Count(of, &Client::connections, -1); };
    Result<Portal> portal = service_.loop_.Open(*entry, Admission{.lease = LeaseOf(entry)});
    if (!portal) return ErrorOf(portal.result());
    registration = Cap<Registration>(*std::move(portal));
    ++client.servers;
    entries_.push_back(std::move(entry));
    ConnectWaiting(*entries_.back());
    return RW_EOK;
  }

  long Handle(NameDirectory::Connect, CallContext& context, const String<>& name, ServerId id,
              uint64_t wait_ns, ringway::Handle& portal, Identity& server) {
    ServerKey key{id};
    if (!ReadKey(name, id, &key)) return -RW_EINVAL;
    const Identity& who = context.caller().sender();
    const long status = ConnectNow(key, who, &portal, &server);
    if (status != -RW_ENOENT || wait_ns == 0) return status;
    Client& client = clients_[who.client];
    if (client.waiting == kWaitingMax) return -RW_ENOMEM;
    ++client.waiting;
    waiting_.push_back({std::move(key), who, After(wait_ns), context.TakeReply()});
    AlarmAt(waiting_.back().deadline);
    return -RW_ENOREPLY;
  }

  long Handle(NameDirectory::AllTaken, CallContext&) {
    return std::all_of(entries_.begin(), entries_.end(), [](const auto& entry) {
      return entry->limit == kNoLimit || entry->is_full();
    });
  }

 private:
  // What a process has, in numbers.
  struct Client {
    size_t servers = 0;
    size_t waiting = 0;
    size_t connections = 0;
  };
  struct Waiting {
    ServerKey key;
    Identity who;
    Deadline deadline;
    Reply reply;
  };

  bool IsTaken(const ServerKey& key) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
      return (!key.name.empty() && key.name == entry->key.name) ||
             (key.id && key.id == entry->key.id);
    });
  }

  std::shared_ptr<void> LeaseOf(const std::shared_ptr<Entry>& entry) {
    return {nullptr, [this, entry](void*) { Remove(*entry); }};
  }

  // The server has withdrawn, or it is dead.
  void Remove(const Entry& entry) {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const auto& at) { return at.get() == &entry; });
    if (found == entries_.end()) return;
    Count(entry.server.client, &Client::servers, -1);
    for (const auto& [connection, client] : entry.connections) {
      Count(client, &Client::connections, -1);
    }
    entries_.erase(found);
  }

  // Of processes that are still there.
  void Count(uint64_t client, size_t Client::*what, int by) {
    const auto found = clients_.find(client);
    if (found != clients_.end()) found->second.*what += static_cast<size_t>(by);
  }

  long ConnectNow(const ServerKey& key, const Identity& who, ringway::Handle* portal,
                  Identity* server) {
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const auto& entry) { return entry->Matches(key); });
    return found == entries_.end() ? -RW_ENOENT : ConnectTo(*found, who, portal, server);
  }

  // Held here, since a server that turns out to be dead is removed.
  long ConnectTo(std::shared_ptr<Entry> entry, const Identity& who, ringway::Handle* portal,
                 Identity* server) {
    if (entry->is_full()) return -RW_EUSERS;
    Client& client = clients_[who.client];
    if (client.connections == kConnectionsMax) return -RW_ENOMEM;
    auto pair = service_.node_.OpenPortals();
    if (!pair) return static_cast<long>(ErrorOf(pair.result()));
    const uint64_t connection = ++last_connection_;
    const long sent = entry->connector.Call<Connector::Connect>(
        ringway::Handle(pair->first.Release()), who, connection);
    if (sent == -RW_ECONNRESET) {
      Remove(*entry);
      return -RW_ENOENT;
    }
    if (sent != RW_EOK) return sent;
    entry->connections.emplace(connection, who.client);
    ++client.connections;
    portal->Reset(pair->second.Release());
    *server = entry->server;
    return RW_EOK;
  }

  void ConnectWaiting(const Entry& entry) {
    const ServerKey key = entry.key;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      const auto next = std::next(at);
      if (at->key.name.empty() ? at->key.id == key.id : at->key.name == key.name) {
        ringway::Handle portal;
        Identity server = {};
        const long status = ConnectNow(at->key, at->who, &portal, &server);
        if (status == -RW_ENOENT) return;  // it died at once: they wait on
        Answer(at, status, std::move(portal), server);
      }
      at = next;
    }
  }

  void Answer(std::list<Waiting>::iterator at, long status, ringway::Handle portal,
              const Identity& server) {
    Count(at->who.client, &Client::waiting, -1);
    // A client that is gone needs no reply; its connection then ends by itself.
    static_cast<void>(
        ReplyWith<NameDirectory::Connect>(std::move(at->reply), status, std::move(portal), server));
    waiting_.erase(at);
  }

  // Never far ahead, and not twice: else clients that wait for less and less time would leave
  // behind as many alarms as they like.
  void AlarmAt(Deadline deadline) {
    if (deadline.ns() == RINGWAY_NO_DEADLINE) return;
    const uint64_t at = std::min(deadline.ns(), Deadline::In(kAlarmAheadNs).ns());
    if (at >= alarm_ns_) return;
    alarm_ns_ = at;
    service_.loop_.AddTimeout(Deadline::At(at), [this, at] {
      if (at == alarm_ns_) OnAlarm();
    });
  }

  void OnAlarm() {
    alarm_ns_ = RINGWAY_NO_DEADLINE;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      const auto next = std::next(at);
      if (at->deadline.ns() != RINGWAY_NO_DEADLINE && at->deadline.HasPassed()) {
        Answer(at, -RW_ETIMEDOUT, {}, {});
      } else {
        AlarmAt(at->deadline);
      }
      at = next;
    }
  }

  void Forget(uint64_t client) {
    waiting_.remove_if([&](const Waiting& waiting) { return waiting.who.client == client; });
    clients_.erase(client);
  }

  NameService& service_;
  std::map<uint64_t, Client> clients_;
  std::vector<std::shared_ptr<Entry>> entries_;
  std::list<Waiting> waiting_;
  uint64_t last_connection_ = 0;
  uint64_t alarm_ns_ = RINGWAY_NO_DEADLINE;  // when the next timeout of ours comes
};

NameService::NameService(Node& node)
    : node_(node), directory_(std::make_unique<Directory>(*this)), loop_(node) {}

NameService::~NameService() = default;

IpczResult NameService::Admit(IpczDriverHandle transport, int32_t pid, uint32_t uid, uint32_t gid) {
  Result<std::vector<Portal>> portals = node_.Connect(transport, 1);
  if (!portals) return portals.result();
  Admit(std::move((*portals)[0]), pid, uid, gid);
  return IPCZ_RESULT_OK;
}

void NameService::Admit(Portal portal, int32_t pid, uint32_t uid, uint32_t gid) {
  const Identity identity = {++last_client_, pid, uid, gid, 0};
  loop_.Serve(std::move(portal), *directory_,
              Admission{.identity = identity, .lease = directory_->NewClient(identity.client)});
}

}  // namespace api
}  // namespace ringway

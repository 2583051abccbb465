// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/node/introductions.h"

#include <algorithm>
#include <utility>

#include "engine/link/link.h"
#include "engine/node/node.h"

namespace ringway {

void Introductions::Seek(const Ref<Link>& from, SeekBody body) {
  const Key wanted = KeyOf(body.wanted);
  const bool takes_part = wanted != node_.key() && IsNew(KeyOf(body.id));
  const Ref<Link> here = takes_part ? node_.LinkInNetwork(wanted) : nullptr;
  if (from && here && here != from && IntroduceHere(from, *here, body)) return;
  std::vector<Ref<Link>> others;
  if (takes_part && !here && body.brokers < kBrokersMax) others = node_.LinksInNetwork();
  ++body.brokers;
  std::erase_if(others, [&](const auto& link) { return !link->to_other_broker() || link == from; });
  if (!Begin(from, body, others)) return Answer(from, body, IPCZ_INVALID_DRIVER_HANDLE);
  for (const Ref<Link>& other : others) {
    if (other->Send(MessageBuilder(MessageType::kSeek, body)) != IPCZ_RESULT_OK) {
      static_cast<void>(OnFound(*other, KeyOf(body.id), IPCZ_INVALID_DRIVER_HANDLE));
    }
  }
}

bool Introductions::Knows(const Key& id) {
  std::lock_guard lock(mutex_);
  return std::find(seen_.begin(), seen_.end(), id) != seen_.end();
}

// Where brokers are connected in a ring a search comes by several ways. The first
// one counts.
bool Introductions::IsNew(const Key& id) {
  std::lock_guard lock(mutex_);
  if (std::find(seen_.begin(), seen_.end(), id) != seen_.end()) return false;
  seen_.push_back(id);
  if (seen_.size() > kSeenMax) seen_.pop_front();
  return true;
}

// False: nothing was answered.
bool Introductions::IntroduceHere(const Ref<Link>& from, Link& wanted, const SeekBody& body) {
  const Key seeker = KeyOf(body.seeker);
  if (!from->MayBeIntroducedTo(KeyOf(body.wanted))) return false;
  {
    std::lock_guard lock(mutex_);
    if (!Learn(seeker, from)) return false;
  }
  IpczDriverHandle transports[2] = {};
  if (!Link::MakeTransport(*from, wanted, transports)) return false;
  // Whoever gets an end whose other end was closed finds that out by itself.
  static_cast<void>(wanted.GiveIntroduction(seeker, 0, transports[1]));
  Answer(from, body, transports[0]);
  return true;
}

// False: nobody is to be asked.
bool Introductions::Begin(const Ref<Link>& from, const SeekBody& body,
                          const std::vector<Ref<Link>>& asked) {
  if (asked.empty() || (from && !from->MayBeIntroducedTo(KeyOf(body.wanted)))) return false;
  std::lock_guard lock(mutex_);
  size_t searches = 0;
  for (const auto& [id, search] : searches_) searches += search.waits && search.from == from;
  return searches < kSearchesMax &&
         searches_.try_emplace(KeyOf(body.id), Search{from, body, true, asked}).second;
}

bool Introductions::OnFound(Link& link, const Key& id, IpczDriverHandle transport) {
  const Ref<Link> way(&link);
  bool was_asked;
  bool tells = false;
  bool found = false;
  Search search;
  {
    std::lock_guard lock(mutex_);
    const auto entry = searches_.find(id);
    was_asked = entry != searches_.end() && std::erase(entry->second.asked, way) != 0;
    if (was_asked) {
      search = entry->second;
      found = transport != IPCZ_INVALID_DRIVER_HANDLE && search.waits &&
              Learn(KeyOf(search.body.wanted), way) &&
              Learn(KeyOf(search.body.seeker), search.from);
      tells = search.waits && (found || search.asked.empty());
      if (tells) entry->second.waits = false;
      if (search.asked.empty()) searches_.erase(entry);
    }
  }
  if (!found) node_.driver()->Close(transport);
  if (tells && found) way->NoteIntroduced(KeyOf(search.body.seeker), false);
  if (tells) Answer(search.from, search.body, found ? transport : IPCZ_INVALID_DRIVER_HANDLE);
  return was_asked;
}

// With one end of a transport to `wanted`, or 0.
void Introductions::Answer(const Ref<Link>& from, const SeekBody& body,
                           IpczDriverHandle transport) {
  const Key wanted = KeyOf(body.wanted);
  if (!from) return node_.ConnectTo(wanted, transport, kConnectIntroduced);
  if (transport == IPCZ_INVALID_DRIVER_HANDLE || !from->GiveAnswer(body, transport)) {
    from->SayNotFound(body);
  }
}

bool Introductions::Learn(const Key& name, const Ref<Link>& way) {
  if (!way || !way->to_other_broker()) return true;  // of our own network
  if (ways_.size() >= kNodesElsewhereMax && !ways_.contains(name)) return false;
  ways_[name] = way;
  return true;
}

Ref<Link> Introductions::WayTo(const Key& name) {
  if (Ref<Link> here = node_.LinkInNetwork(name)) return here;
  std::lock_guard lock(mutex_);
  const auto found = ways_.find(name);
  return found == ways_.end() ? nullptr : found->second;
}

void Introductions::OnLost(Link& from, const Key& name) {
  {
    std::lock_guard lock(mutex_);
    const auto found = ways_.find(name);
    if (found == ways_.end() || found->second.get() != &from) return;
    ways_.erase(found);
  }
  Lose(name, false);
}

void Introductions::OnLinkEnded(Link& link) {
  const Ref<Link> ended(&link);
  std::vector<Search> failed;
  std::vector<Key> lost;
  {
    std::lock_guard lock(mutex_);
    for (auto each = searches_.begin(); each != searches_.end();) {
      Search& search = each->second;
      if (search.from == ended) search.waits = false;
      if (search.from == ended) search.from = nullptr;
      const bool last = std::erase(search.asked, ended) != 0 && search.asked.empty();
      if (last && search.waits) failed.push_back(search);
      each = last ? searches_.erase(each) : std::next(each);
    }
    std::erase_if(ways_, [&](const auto& each) {
      if (each.second == ended) lost.push_back(each.first);
      return each.second == ended;
    });
  }
  for (const Search& search : failed) Answer(search.from, search.body, IPCZ_INVALID_DRIVER_HANDLE);
  for (const Key& name : lost) Lose(name, false);
  if (link.to_client()) Lose(link.peer_name(), true);
}

// Tells those who know of that node through us. The clients of our own network
// see themselves when another one dies.
void Introductions::Lose(const Key& name, bool was_client) {
  for (const Ref<Link>& link : node_.LinksInNetwork()) {
    const bool knew = link->ForgetIntroduced(name);
    if (knew && (link->to_other_broker() || !was_client))
      link->SayNoIntroduction(name, kIntroductionLost);
  }
}

}  // namespace ringway

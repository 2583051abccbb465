// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_NODE_INTRODUCTIONS_H_
#define ENGINE_NODE_INTRODUCTIONS_H_

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "engine/base/ref.h"
#include "engine/link/message_layout.h"
#include "engine/route/edge_token.h"
#include "ipcz/ipcz.h"

namespace ringway {

class Link;
class Node;

// How a broker introduces nodes to each other, also to those of other brokers'
// networks: docs/protocol.md, "Introductions". No locks held by callers.
class Introductions {
 public:
  explicit Introductions(Node& node) : node_(node) {}

  // Who seeks is a client behind `from`, or a node of another network if that is
  // another broker; null: this node itself.
  void Seek(const Ref<Link>& from, SeekBody body);
  // Whether a search of that id has come, or was begun here, of late.
  bool Knows(const Key& id);
  // What `from` answers; takes over `transport`, 0: there is no such node. False:
  // it was not asked.
  bool OnFound(Link& from, const Key& id, IpczDriverHandle transport);
  // That node cannot be reached by way of `from` any more.
  void OnLost(Link& from, const Key& name);
  void OnLinkEnded(Link& link);

  // The other broker behind which that node was found, or null.
  Ref<Link> WayTo(const Key& name);

 private:
  static constexpr size_t kSearchesMax = 4096;         // for one who asks
  static constexpr size_t kNodesElsewhereMax = 65536;  // all together
  static constexpr size_t kSeenMax = 1024;

  // For a node that other brokers have been asked for.
  struct Search {
    Ref<Link> from;
    SeekBody body = {};
    bool waits = true;             // who asked, for the first good answer or the last bad one
    std::vector<Ref<Link>> asked;  // and have not answered
  };

  bool IsNew(const Key& id);
  bool IntroduceHere(const Ref<Link>& from, Link& wanted, const SeekBody& body);
  bool Begin(const Ref<Link>& from, const SeekBody& body, const std::vector<Ref<Link>>& asked);
  void Answer(const Ref<Link>& from, const SeekBody& body, IpczDriverHandle transport);
  bool Learn(const Key& name, const Ref<Link>& way);  // under mutex_
  void Lose(const Key& name, bool was_client);

  Node& node_;
  std::mutex mutex_;
  std::map<Key, Search> searches_;
  std::deque<Key> seen_;  // the last ones that came
  std::map<Key, Ref<Link>> ways_;
};

}  // namespace ringway

#endif  // ENGINE_NODE_INTRODUCTIONS_H_

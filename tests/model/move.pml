/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.
 *
 * How relays remove themselves (docs/protocol.md, "Moving"; engine/route/bypass.cc, relay.cc,
 * relay_removal.cc, edge_token.h; engine/link/receive.cc, sublinks.cc). Nodes 0 to RELAYS + 1 stand in
 * a row: a terminal at each end, relays between. Messages from one node to another arrive in order, and
 * independently of what is in lanes. What the engine does under its locks, and each message, is one step.
 *
 * -D RELAYS=n    1 or 2
 * -D PUTS=n      parcels that each terminal puts
 * -D CLOSES=n    which terminals may close at any time: 1 the first, 2 the last, 3 both; each
 *                closes once it sees that the other one has
 * -D ORDER=n     which of its two edges a relay locks first, a bit for each pair of neighbours that it
 *                can have: 1 and 2 for the first relay, 4 and 8 for the last one. Else: any
 * -D GIVERS=n    which side of the edges gave out the sublink, a bit for each edge. Else: any
 * -D HANDLES     the first terminal's parcels carry handles: their puts take two steps
 * -D BIRTH       the last relay comes to be at any time: until then its portal is not read; and the last
 *                terminal is taken out of its parcel some time after that
 * -D ASK         whoever is to attach may have to ask for a link first
 * -D REFUSE      ... and may be refused
 * and mistakes, one at a time: see move_spin_test.cc
 */

#define N (RELAYS + 2)
#define LAST (N - 1)
#define ENDS (2 * N - 2)
#define LAST_END (ENDS - 1)
#define NONE N

/* The side of an edge that `from` has towards `to`. Between two nodes there is one at most. */
#define SIDE(from, to) ((from) * N + (to))
/* A node's route end towards another one; the node of an end; the other end of its relay. */
#define FACING(node, to) ((to) > (node) -> 2 * (node) : 2 * (node) - 1)
#define NODE(e) (((e) + 1) / 2)
#define BIT(node) (1 << (node))

#ifndef CLOSES
#define CLOSES 0
#endif

/* --- What sides of edges are. By side */

/* The state in shared memory, and EdgeToken. */
#define OPEN 1
#define CLOSED 2
#define GONE 4
#define HERE 8
#define LOCKED 16
#define ASKED 32
#define WANTED 64
byte edge[N * N];

/* Link::Sublink. */
#define KNOWN 1      /* messages find the end */
#define OURS 2       /* we gave out the number */
#define DONE 4
#define PEER_DONE 8
#define FREED 16     /* the number may be used again */
byte sublink[N * N];

#define MOVED 255
chan lane[N * N] = [PUTS + 1] of { byte };  /* written by that side */
chan messages[N * N] = [8] of { byte };     /* sent by that side's node; all edges of a link */

/* --- Route ends */

#define SINK 1
#define OVER 2          /* get.done */
#define AWAITS 4        /* get.awaits_lane, and Node::Await() */
#define ENDS_MOVED 8    /* get.ends_moved */
#define RELAYED 16      /* get.relay */
#define ENDED 32        /* put.ended */
#define PUTTING 64      /* put.in_progress */
#define LOOK 128        /* something happened; of relays, at the left end */
byte ends[ENDS];
byte bound[ENDS];    /* the neighbour of the edge that it is in: binding_ */
byte next[ENDS];     /* put.next */
byte sources[ENDS];  /* get.sources, a bit for each neighbour; those further away come later */
byte front[ENDS];    /* the one that is read */
byte awaited[ENDS];  /* the key, and the node that comes with it */

#define LAST_SOURCE(e) (front[e] == (next[e] == NONE -> bound[e] : next[e]))
#define MAY_MOVE(e) \
  ((edge[SIDE(NODE(e), bound[e])] & (OPEN | GONE)) == OPEN && next[e] == NONE && \
   (ends[e] & (SINK | OVER | AWAITS | ENDS_MOVED)) == 0)

/* --- Relays. By node */

#define IDLE 0
#define LOCKING 1
#define EXPECTING 2
#define BYPASSING 3
byte step[N];
byte locked[N];
byte near[N];   /* edges_[0] and edges_[1], by neighbour */
byte far[N];
#define REFUSED 1
#define PASSED_ON 2  /* moved_[0]; twice that: moved_[1] */
#define KEY 8        /* the last bit of its key */
byte relay[N];

/* --- Terminals: 0 is the first, 1 the last */

byte put[2];
byte got[2];
bool seen_closed[2];
byte batch;     /* where the objects of a put with handles went */
byte pending;       /* of ASK: a Bypass that waits for a link ... */
byte asked, asked_by;  /* ... its receiver and its sender */
byte uncounted;     /* a token that is locked, and its relay has not counted it */
byte from, to;         /* 0 between steps */
bool was_refused;
bool is_born, is_taken;
byte order;

/* Written before they are read in each step. */
hidden byte at, in, found, value, e, r, m, type, key, node, other, side, in_end, out_end;
hidden byte tokens, lock_at, sub, peer_end, low, high;
hidden byte quiet, end_moved;

#define WANT 1
#define TOK 2
#define EXPECT 3
#define EXPECT_OK 4
#define EXPECT_NO 5
#define BYPASS 6
#define BYPASS_NO 7
#define ATTACH 8
#define CANCEL 10
#define BROKEN 11
#define POKE 12
#define FREE 13   /* Freed */

inline Say(a, b, what, with_key, with_node) {
  assert(nfull(messages[SIDE(a, b)]));
  assert((sublink[SIDE(a, b)] & FREED) == 0);  /* or it may reach whoever has the number now */
  messages[SIDE(a, b)]!(what) * 16 + (with_key) * 4 + (with_node)
}

inline Wake(end) {
  if
  :: ends[end] & RELAYED -> ends[NODE(end) * 2 - 1] = ends[NODE(end) * 2 - 1] | LOOK
  :: else -> ends[end] = ends[end] | LOOK
  fi
}

/* RouteEnd::Rests(): a sink that need not hear of what comes before Freed. */
#define RESTS(e) \
  ((ends[e] & (SINK | AWAITS)) == SINK && next[e] == NONE && sources[e] == BIT(bound[e]))

/* What `a` changed in its memory, `b` sees. */
inline WakePeer(a, b) {
  if
  :: (sources[FACING(b, a)] & BIT(a)) && !RESTS(FACING(b, a)) -> Wake(FACING(b, a))
  :: else
  fi
}

inline Append(a, b, record) {
  assert(nfull(lane[SIDE(a, b)]));
  lane[SIDE(a, b)]!record;
  WakePeer(a, b)
}

/* --- Freed */

inline Finish(a, b) {
  /* Nobody reads what is used again. */
  peer_end = FACING(b, a);
  assert((sources[peer_end] & BIT(a)) == 0 || (ends[peer_end] & OVER));
  peer_end = FACING(a, b);
  assert((sources[peer_end] & BIT(b)) == 0 || (ends[peer_end] & OVER));
  do
  :: len(lane[SIDE(a, b)]) == 0 -> break
  :: else -> lane[SIDE(a, b)]?value
  od;
  edge[SIDE(a, b)] = 0;
  sublink[SIDE(a, b)] = FREED
}

/* By the end of `a`, which reads the edge to `b` no more. */
inline RouteDone(a, b) {
  sub = sublink[SIDE(a, b)];
  if
  :: (sub & KNOWN) && (sub & DONE) == 0 ->
    sublink[SIDE(a, b)] = sub | DONE;
    Say(a, b, FREE, 0, 0);
    if
    :: sub & PEER_DONE -> Finish(a, b)
    :: else
    fi
  :: else
  fi
}

inline OnFreed(a, b) {
  sub = sublink[SIDE(a, b)];
  assert((sub & (PEER_DONE | FREED)) == 0);
  sublink[SIDE(a, b)] = sub | PEER_DONE;
  if
  :: sub & DONE -> Finish(a, b)
#ifndef NO_LOOK_AT_FREED
  :: (sub & DONE) == 0 && (sources[FACING(a, b)] & BIT(b)) -> Wake(FACING(a, b))
#endif
  :: else
  fi
}

/* --- Reading */

#define NOTHING 0
#define PARCEL 1
#define AT_MOVED 2   /* at a relay: nothing more will come through it */
#define AT_CLOSED 3

/* Where `reader` goes on when it has read the edge to `at`. */
inline NextSource(reader) {
  sources[reader] = sources[reader] & ~BIT(at);
#ifndef FREED_WHEN_SWITCHED
  if
  :: at != bound[reader] -> RouteDone(NODE(reader), at)
  :: else
  fi;
#endif
  do
  :: if :: reader % 2 == 0 -> at++ :: else -> at-- fi;
    if
    :: sources[reader] & BIT(at) -> break
    :: else
    fi
  od;
  front[reader] = at
}

/* RouteEnd::Front(). A record stays where it is. */
inline Peek(reader) {
  do
  :: at = front[reader];
    in = SIDE(at, NODE(reader));
    if
    :: len(lane[in]) == 0 ->
      found = ((edge[in] & CLOSED) || (edge[SIDE(NODE(reader), at)] & GONE) -> AT_CLOSED : NOTHING);
#ifdef READ_NEW_LANE_EARLY
      if
      :: found == NOTHING && !LAST_SOURCE(reader) -> NextSource(reader)
      :: else -> break
      fi
#else
      break
#endif
    :: else ->
      lane[in]?<value>;
      if
      :: value != MOVED -> found = PARCEL; break
      :: value == MOVED && LAST_SOURCE(reader) ->
        if
        :: ends[reader] & ENDS_MOVED -> found = (ends[reader] & SINK -> AT_CLOSED : AT_MOVED)
        :: (ends[reader] & ENDS_MOVED) == 0 && (edge[SIDE(NODE(reader), at)] & GONE) ->
          found = AT_CLOSED
        :: else ->
          assert(ends[reader] & AWAITS);  /* or it breaks the protocol */
#ifdef AWAITED_IS_CLOSED
          found = AT_CLOSED
#else
          found = NOTHING
#endif
        fi;
        break
      :: else -> lane[in]?value; NextSource(reader)
      fi
    fi
  od
}

#include "move_relay.pml"
#include "move_run.pml"

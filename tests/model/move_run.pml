/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.
 *
 * Part of move.pml: messages, terminals, and what must hold when nothing happens any more.
 */

/* Link::OnRoute() at node `to`, of a message from node `from` to its end `e`. */
inline OnBypass() {
  if
  :: bound[e] == from && MAY_MOVE(e) ->
    assert(sublink[SIDE(to, node)] == 0);
    edge[SIDE(to, node)] = OPEN | HERE;
    sublink[SIDE(to, node)] = KNOWN | OURS;
    MoveTo(e, node);
    Say(to, node, ATTACH, key, 0)
  :: else -> Say(to, from, BYPASS_NO, key, 0)
  fi
}

inline OnAttach() {
  assert((sublink[SIDE(to, from)] & (KNOWN | DONE)) == 0);
  if
  :: (ends[e] & AWAITS) && awaited[e] == key * 4 + from ->
    edge[SIDE(to, from)] = OPEN;
    sublink[SIDE(to, from)] = sublink[SIDE(to, from)] | KNOWN;
    MoveTo(e, from)
  :: else ->
#ifndef NO_ANSWER_TO_ATTACH
    assert((sublink[SIDE(to, from)] & PEER_DONE) == 0);
    /* A closed end of nobody's; it reads what comes, which is not modelled. */
    edge[SIDE(to, from)] = CLOSED;
    WakePeer(to, from);
    sublink[SIDE(to, from)] = DONE;
    Say(to, from, FREE, 0, 0)
#endif
  fi
}

inline OnRouteMessage() {
  if
  :: type == WANT ->
    edge[SIDE(to, from)] = edge[SIDE(to, from)] | WANTED;
    Yield(to, from)
  :: type == TOK ->
    if
    :: edge[SIDE(to, from)] & ASKED ->
      edge[SIDE(to, from)] = edge[SIDE(to, from)] & ~ASKED | HERE
    :: else
    fi;
    if
    :: ends[e] & RELAYED -> TakeTokens(to)
    :: else
    fi
  :: type == EXPECT ->
    if
    :: bound[e] == from && MAY_MOVE(e) ->
      ends[e] = ends[e] | AWAITS;
      awaited[e] = key * 4 + node;
      Say(to, from, EXPECT_OK, key, 0)
    :: else -> Say(to, from, EXPECT_NO, key, 0)
    fi
  :: type == BYPASS -> OnBypass()
  :: type == CANCEL ->
    if
    :: ends[e] & AWAITS ->
      ends[e] = ends[e] & ~AWAITS;
      awaited[e] = 0;
      Wake(e);
      Say(to, bound[e], POKE, 0, 0)
    :: else
    fi
  :: type == BROKEN ->
    if
    :: ends[e] & AWAITS ->
      ends[e] = ends[e] & ~AWAITS;
      awaited[e] = 0;
      edge[SIDE(to, bound[e])] = edge[SIDE(to, bound[e])] | GONE;
      Wake(e)
    :: else
    fi
  :: type == POKE ->
    if
    :: ends[e] & RELAYED ->
      if
      :: key -> relay[to] = relay[to] & ~REFUSED
      :: else
      fi;
      Wake(e)
    :: else
    fi
  :: else ->
    if
    :: ends[e] & RELAYED -> OnAnswer(to)
    :: else
    fi
  fi
}

inline Receive() {
  end_moved = false;
  quiet = false;
  if
  :: answer == 0 -> messages[SIDE(from, to)]?m
  :: else -> m = pending; pending = 0; from = asked_by; to = asked; asked_by = 0; asked = 0
  fi;
  type = m / 16;
  key = (m / 4) % 4;
  node = m % 4;
  e = FACING(to, from);
  if
  :: type == ATTACH -> OnAttach()
  :: type == FREE -> OnFreed(to, from)
  :: answer == 2 -> messages[SIDE(to, from)]!BYPASS_NO * 16 + key * 4; was_refused = true
  :: type != ATTACH && type != FREE && answer != 2 && (sublink[SIDE(to, from)] & KNOWN) ->
    if
    :: type == BYPASS && asks && pending == 0 -> pending = m; asked_by = from; asked = to
    :: else -> OnRouteMessage()
    fi
  :: else
  fi;
  if
  :: end_moved -> EndMoved(to)
  :: else
  fi
}

/* --- Terminals */

#define WHICH(e) ((e) != 0)
#define OTHER(e) (1 - WHICH(e))
#define PEER_CLOSED(e) (edge[SIDE(bound[e], NODE(e))] & CLOSED || edge[SIDE(NODE(e), bound[e])] & GONE)

#define MAY_PUT(e) \
  (put[WHICH(e)] < PUTS && (ends[e] & (SINK | PUTTING)) == 0 && !PEER_CLOSED(e) && IS_TAKEN(e))
#ifdef BIRTH
#define IS_TAKEN(e) ((e) == 0 || (sublink[SIDE(NODE(e), bound[e])] & KNOWN))
#else
#define IS_TAKEN(e) true
#endif

inline Put(e) {
#ifdef HANDLES
  if
  :: e == 0 ->
    ends[e] = ends[e] | PUTTING;
    batch = bound[e]
  :: else ->
#endif
    put[WHICH(e)]++;
    Append(NODE(e), bound[e], put[WHICH(e)])
#ifdef HANDLES
  fi
#endif
}

/* The record of the first terminal's put, after the message with its objects. */
inline EndPut() {
  if
  :: (ends[0] & ENDED) || PEER_CLOSED(0)
  :: else ->
    assert(batch == bound[0]);
    put[0]++;
    Append(0, bound[0], put[0])
  fi;
  batch = 0;
  ends[0] = ends[0] & ~PUTTING;
  if
#ifdef MOVES_WHEN_OVER
  :: next[0] != NONE ->
#else
  :: next[0] != NONE && (ends[0] & OVER) -> next[0] = NONE
  :: next[0] != NONE && (ends[0] & OVER) == 0 ->
#endif
    SwitchOut(0);
    TellOfMove(0)
  :: else
  fi
}

/* A terminal, or an end that is closed: as far as one record. */
inline Read(e) {
  Peek(e);
  if
  :: found == PARCEL ->
    lane[in]?value;
    if
    :: ends[e] & SINK
    :: else ->
      got[WHICH(e)]++;
      assert(value == got[WHICH(e)])  /* in order, each once */
    fi
  :: found == AT_CLOSED && (ends[e] & SINK) ->
    if
    :: ends[e] & AWAITS -> ends[e] = ends[e] & ~LOOK
    :: else -> AllDone(e)
    fi
  :: found == AT_CLOSED && (ends[e] & SINK) == 0 ->
    /* Only after all that the other one put. */
    other = (e == 0 -> LAST_END : 0);
    assert(ends[other] & SINK);
    assert(got[WHICH(e)] == put[OTHER(e)]);
    seen_closed[WHICH(e)] = true;
    ends[e] = ends[e] & ~LOOK
  :: else -> ends[e] = ends[e] & ~LOOK
  fi
}

#define READS(e) ((ends[e] & (LOOK | OVER | RELAYED)) == LOOK && ((ends[e] & SINK) || IS_TERMINAL(e)))
#define IS_TERMINAL(e) (((e) == 0 || (e) == LAST_END) && IS_TAKEN(e))
#define RUNS(r) ((ends[2 * (r)] & RELAYED) && (ends[2 * (r) - 1] & LOOK) && uncounted / 4 != (r))
#define CLOSES_NOW(e) \
  ((ends[e] & SINK) == 0 && ((CLOSES & BIT(WHICH(e))) || seen_closed[WHICH(e)]) && IS_TAKEN(e))

#define ARRIVES(a, b) nempty(messages[SIDE(a, b)]) -> from = a; to = b

#ifdef BIRTH
#define BORN RELAYS
inline Couple() {
  ends[2 * BORN - 1] = ends[2 * BORN - 1] | RELAYED | LOOK;
  ends[2 * BORN] = (ends[2 * BORN] | RELAYED) & ~LOOK;
  Say(BORN, bound[2 * BORN - 1], POKE, 0, 0)
}
inline TakeOut() {
  edge[SIDE(LAST, BORN)] = edge[SIDE(LAST, BORN)] | OPEN;
  sublink[SIDE(LAST, BORN)] = sublink[SIDE(LAST, BORN)] | KNOWN;
  ends[LAST_END] = ends[LAST_END] | LOOK;
#ifndef NO_POKE_WHEN_TAKEN
  Say(LAST, BORN, POKE, 0, 0)
#endif
}
#endif

inline Start(givers) {
  at = 0;
  do
  :: at == LAST -> break
  :: else ->
    edge[SIDE(at, at + 1)] = (givers & BIT(at) -> OPEN : OPEN | HERE);
    edge[SIDE(at + 1, at)] = (givers & BIT(at) -> OPEN | HERE : OPEN);
    sublink[SIDE(at, at + 1)] = (givers & BIT(at) -> KNOWN : KNOWN | OURS);
    sublink[SIDE(at + 1, at)] = (givers & BIT(at) -> KNOWN | OURS : KNOWN);
    at++
  od;
  at = 0;
  do
  :: at == ENDS -> break
  :: else ->
    bound[at] = (at % 2 == 0 -> NODE(at) + 1 : NODE(at) - 1);
    front[at] = bound[at];
    sources[at] = BIT(bound[at]);
    next[at] = NONE;
    ends[at] = (at == 0 || at == LAST_END -> LOOK : LOOK | RELAYED);
    at++
  od;
#ifdef BIRTH
  ends[2 * BORN - 1] = 0;
  ends[2 * BORN] = 0;
  ends[LAST_END] = 0;
  edge[SIDE(BORN, LAST)] = OPEN | HERE;
  edge[SIDE(LAST, BORN)] = 0;
  sublink[SIDE(BORN, LAST)] = KNOWN | OURS;
  sublink[SIDE(LAST, BORN)] = 0
#endif
}

/* Everything that happens, one step at a time. */
active proctype Nodes() {
  byte answer, asks;
  atomic {
#ifdef ORDER
    order = ORDER;
#else
    select(order : 0 .. (RELAYS == 1 -> 1 : 15));
#endif
#ifdef GIVERS
    answer = GIVERS;
#else
    select(answer : 0 .. (1 << (RELAYS + 1)) - 1);
#endif
    d_step { Start(answer); answer = 0 }
  }
end:
  do
  :: atomic {
      if
      :: ARRIVES(0, 1)
      :: ARRIVES(1, 0)
      :: ARRIVES(1, 2)
      :: ARRIVES(2, 1)
      :: ARRIVES(0, 2)
      :: ARRIVES(2, 0)
#if RELAYS > 1
      :: ARRIVES(2, 3)
      :: ARRIVES(3, 2)
      :: ARRIVES(1, 3)
      :: ARRIVES(3, 1)
      :: ARRIVES(0, 3)
      :: ARRIVES(3, 0)
#endif
#ifdef ASK
      :: pending -> answer = 1
#ifdef REFUSE
      :: pending -> answer = 2
#endif
#endif
      fi;
#ifdef ASK
      if
      :: asks = false
      :: answer == 0 -> asks = true
      fi;
#endif
      d_step { Receive(); from = 0; to = 0; answer = 0; asks = 0 }
    }
  :: atomic {
      if
      :: RUNS(1) -> r = 1
#if RELAYS > 1
      :: RUNS(2) -> r = 2
#endif
      fi;
      d_step { Run(r) }
    }
  :: atomic {
      if
      :: READS(0) -> e = 0
      :: READS(1) -> e = 1
      :: READS(2) -> e = 2
      :: READS(3) -> e = 3
#if RELAYS > 1
      :: READS(4) -> e = 4
      :: READS(5) -> e = 5
#endif
      fi;
      d_step { Read(e) }
    }
  :: d_step { MAY_PUT(0) -> Put(0) }
  :: d_step { MAY_PUT(LAST_END) -> Put(LAST_END) }
#ifdef TOKEN_COUNTED_LATER
  :: d_step { uncounted -> CountLater() }
#endif
#ifdef HANDLES
  :: d_step { ends[0] & PUTTING -> EndPut() }
#endif
  :: d_step { CLOSES_NOW(0) -> Close(0) }
  :: d_step { CLOSES_NOW(LAST_END) -> Close(LAST_END) }
#ifdef BIRTH
  :: d_step { (ends[2 * BORN] & RELAYED) == 0 && !is_born -> is_born = true; Couple() }
  :: d_step { is_born && !is_taken -> is_taken = true; TakeOut() }
#endif
  od
}

#define IN_USE(at) \
  (((ends[0] | ends[LAST_END]) & SINK) == 0 && \
   (was_refused || at == SIDE(0, LAST) || at == SIDE(LAST, 0)))

/* When nothing can happen any more. */
active proctype Rest() {
  timeout -> d_step {
    if
    :: (ends[0] & SINK) || (ends[LAST_END] & SINK) ->
      /* Each saw the other one's end, and everything is given back. */
      assert((ends[0] & OVER) && (ends[LAST_END] & OVER));
      at = 1;
      do
      :: at == LAST_END -> break
      :: else -> assert((ends[at] & RELAYED) == 0 && (ends[at] & OVER)); at++
      od
    :: else ->
      assert(got[1] == put[0] && got[0] == put[1] && put[0] == PUTS && put[1] == PUTS);
      at = 1;
      do
      :: at == LAST_END || was_refused -> break
      :: else -> assert(ends[at] & OVER); at++
      od;
      assert(was_refused || (bound[0] == LAST && bound[LAST_END] == 0))
    fi;
    /* Every edge but the one that is in use. */
    at = 0;
    do
    :: at == N * N -> break
    :: else ->
      assert(sublink[at] == 0 || sublink[at] == FREED || IN_USE(at));
      at++
    od
  }
}

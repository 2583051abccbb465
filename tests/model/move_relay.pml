/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.
 *
 * Part of move.pml: relays, and how an end goes on in another edge.
 */

#define KEY_OF(r) (((r) - 1) * 2 + ((relay[r] & KEY) != 0))

/* --- EdgeToken */

inline Yield(a, b) {
  if
  :: (edge[SIDE(a, b)] & (WANTED | HERE | LOCKED)) == (WANTED | HERE) ->
    edge[SIDE(a, b)] = edge[SIDE(a, b)] & ~(WANTED | HERE);
    Say(a, b, TOK, 0, 0)
  :: else
  fi
}

inline Unlock(a, b) {
  edge[SIDE(a, b)] = edge[SIDE(a, b)] & ~LOCKED;
  Yield(a, b)
}

inline LetEndsMove(r) {
#ifndef ENDS_MOVE_TOO
  ends[2 * r - 1] = ends[2 * r - 1] | ENDS_MOVED;
  ends[2 * r] = ends[2 * r] | ENDS_MOVED
#else
  skip
#endif
}

/* Relay::OnToken(): takes the next token, or goes on once it has both. */
inline Count(r) {
  locked[r]++;
  if
  :: locked[r] == 2 ->
    step[r] = EXPECTING;
    relay[r] = relay[r] ^ KEY;
    Say(r, far[r], EXPECT, KEY_OF(r), near[r]);
#ifdef BYPASS_EARLY
    step[r] = BYPASSING;
    LetEndsMove(r);
    Say(r, near[r], BYPASS, KEY_OF(r), far[r])
#endif
  :: else
  fi
}

inline TakeTokens(r) {
  do
  :: step[r] != LOCKING -> break
  :: else ->
    other = (locked[r] == 0 -> near[r] : far[r]);
    lock_at = edge[SIDE(r, other)];
    if
    :: lock_at & LOCKED -> break
#ifdef NO_TOKEN
    :: else ->
#else
    :: (lock_at & LOCKED) == 0 && (lock_at & HERE) == 0 ->
      edge[SIDE(r, other)] = lock_at | ASKED;
      if
      :: lock_at & ASKED
      :: else -> Say(r, other, WANT, 0, 0)
      fi;
      break
    :: (lock_at & LOCKED) == 0 && (lock_at & HERE) ->
#endif
      edge[SIDE(r, other)] = lock_at | LOCKED;
#ifdef TOKEN_COUNTED_LATER
      if
      :: quiet && uncounted == 0 -> uncounted = r * 4 + other; break
      :: else -> Count(r)
      fi
#else
      Count(r)
#endif
    fi
  od
}

/* Whoever runs the relay has the lock of a token, and comes to the relay's own lock only now. */
inline CountLater() {
  r = uncounted / 4;
  other = uncounted % 4;
  uncounted = 0;
  quiet = false;
  if
  :: step[r] != LOCKING -> Unlock(r, other)
  :: else -> Count(r); TakeTokens(r)
  fi
}

/* By the order of the edges' ids, which is whatever it is. */
#define LEFT_FIRST(r) \
  (order & BIT(((r) == 1 -> bound[2 * (r)] - 2 : 3 - bound[2 * (r) - 1])))

#define IS_OPEN(e) (edge[SIDE(bound[e], NODE(e))] & OPEN)

inline TryRemove(r) {
  if
  :: step[r] == IDLE && (relay[r] & REFUSED) == 0 && MAY_MOVE(2 * r - 1) && MAY_MOVE(2 * r) &&
     IS_OPEN(2 * r - 1) && IS_OPEN(2 * r) ->
    near[r] = (LEFT_FIRST(r) -> bound[2 * r - 1] : bound[2 * r]);
    far[r] = (LEFT_FIRST(r) -> bound[2 * r] : bound[2 * r - 1]);
    step[r] = LOCKING;
    locked[r] = 0;
    TakeTokens(r)
  :: else
  fi
}

inline GiveUp(r, count) {
  step[r] = IDLE;
  if
  :: count >= 1 -> Unlock(r, near[r])
  :: else
  fi;
  if
  :: count >= 2 -> Unlock(r, far[r])
  :: else
  fi;
  near[r] = 0;
  far[r] = 0;
  locked[r] = 0
}

inline EndMoved(r) {
  if
  :: step[r] == EXPECTING || step[r] == BYPASSING
  :: else ->
    relay[r] = relay[r] & ~REFUSED;
    tokens = (step[r] == LOCKING -> locked[r] : 0);
    GiveUp(r, tokens);
    TryRemove(r)
  fi
}

/* The messages that answer a relay. */
inline OnAnswer(r) {
  if
  :: key == KEY_OF(r) && type == EXPECT_OK && step[r] == EXPECTING ->
    step[r] = BYPASSING;
    LetEndsMove(r);
    Say(r, near[r], BYPASS, key, far[r])
  :: key == KEY_OF(r) && type == EXPECT_NO && step[r] == EXPECTING -> GiveUp(r, 2)
  :: key == KEY_OF(r) && type == BYPASS_NO && step[r] == BYPASSING ->
    relay[r] = relay[r] | REFUSED;
    ends[2 * r - 1] = ends[2 * r - 1] & ~ENDS_MOVED;
    ends[2 * r] = ends[2 * r] & ~ENDS_MOVED;
#ifndef NO_CANCEL
    Say(r, far[r], CANCEL, key, 0);
#endif
    GiveUp(r, 2);
    Say(r, bound[2 * r - 1], POKE, 0, 0);
    Say(r, bound[2 * r], POKE, 0, 0)
  :: else
  fi
}

/* --- RouteEnd::Close() */

inline Close(end) {
  ends[end] = ends[end] | SINK | ENDED | LOOK;
  other = bound[end];
  edge[SIDE(NODE(end), other)] = edge[SIDE(NODE(end), other)] & ~OPEN | CLOSED;
  WakePeer(NODE(end), other)
}

/* Relay::Uncouple(): the route ends. */
inline Uncouple(r) {
  if
  :: step[r] == LOCKING -> tokens = locked[r]; GiveUp(r, tokens)
  :: step[r] == EXPECTING || step[r] == BYPASSING ->
#ifndef NO_BROKEN
    Say(r, far[r], BROKEN, KEY_OF(r), 0);
#endif
    GiveUp(r, 2)
  :: else
  fi;
  ends[2 * r - 1] = ends[2 * r - 1] & ~RELAYED;
  ends[2 * r] = ends[2 * r] & ~RELAYED;
  Close(2 * r - 1);
  Close(2 * r);
  relay[r] = 0
}

/* What the end of `node` is done with, when it is done at all. */
inline AllDone(end) {
  ends[end] = (ends[end] | OVER) & ~LOOK;
  at = 0;
  do
  :: at == N -> break
  :: else ->
    if
    :: (sources[end] & BIT(at)) || at == bound[end] -> RouteDone(NODE(end), at)
    :: else
    fi;
    at++
  od
}

/* A call of Relay::Run() as far as one record. */
inline Run(r) {
  quiet = true;
  side = 0;
  do
  :: side == 2 || !quiet -> break
  :: else ->
    in_end = 2 * r - 1 + side;
    out_end = 2 * r - side;
    if
    :: relay[r] & (PASSED_ON << side)
    :: else ->
      Peek(in_end);
      quiet = found == NOTHING;
      if
      :: found == PARCEL ->
        lane[in]?value;
        other = bound[out_end];
        if
        :: (edge[SIDE(other, r)] & CLOSED) || (edge[SIDE(r, other)] & GONE)  /* destroyed */
        :: else ->
          assert((ends[out_end] & ENDED) == 0);
          Append(r, other, value)
        fi
      :: found == AT_CLOSED -> Uncouple(r)
      :: found == AT_MOVED ->
        ends[out_end] = ends[out_end] | ENDED;
        Append(r, bound[out_end], MOVED);
        relay[r] = relay[r] | (PASSED_ON << side);
        if
        :: (relay[r] & (3 * PASSED_ON)) == 3 * PASSED_ON ->
          ends[2 * r - 1] = ends[2 * r - 1] & ~RELAYED;
          ends[2 * r] = ends[2 * r] & ~RELAYED;
          AllDone(2 * r - 1);
          AllDone(2 * r);
          step[r] = IDLE;
          relay[r] = 0;
          near[r] = 0;
          far[r] = 0;
          locked[r] = 0
        :: else
        fi
      :: else
      fi
    fi;
    side++
  od;
  if
  :: quiet -> ends[2 * r - 1] = ends[2 * r - 1] & ~LOOK; TryRemove(r)
  :: else
  fi
}

/* --- RouteEnd::MoveTo() */

inline SwitchOut(end) {
  other = bound[end];
  if
  :: ends[end] & ENDED
  :: else -> Append(NODE(end), other, MOVED)
  fi;
  ends[end] = (ends[end] & SINK -> ends[end] | ENDED : ends[end] & ~ENDED);
  bound[end] = next[end];
  next[end] = NONE;
#ifdef FREED_WHEN_SWITCHED
  RouteDone(NODE(end), other)
#else
  if
  :: sources[end] & BIT(other)
  :: else -> RouteDone(NODE(end), other)
  fi
#endif
}

inline TellOfMove(end) {
  Wake(end);
  if
  :: ends[end] & SINK -> WakePeer(NODE(end), bound[end])
  :: else
  fi;
  if
  :: ends[end] & RELAYED -> end_moved = true
  :: else
  fi;
  Say(NODE(end), bound[end], POKE, 1, 0)
}

inline MoveTo(end, b) {
  next[end] = b;
  if
  :: ends[end] & SINK ->
    edge[SIDE(NODE(end), b)] = edge[SIDE(NODE(end), b)] & ~OPEN | CLOSED
  :: else
  fi;
  sources[end] = sources[end] | BIT(b);
  ends[end] = ends[end] & ~AWAITS;
  awaited[end] = 0;
#ifdef SWITCH_IN_PROGRESS
  SwitchOut(end);
#else
  if
  :: ends[end] & PUTTING
  :: else -> SwitchOut(end)
  fi;
#endif
  TellOfMove(end)
}

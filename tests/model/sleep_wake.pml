/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.
 *
 * Sleeping and waking (docs/protocol.md, "Waking"; ring/wake.h) on x86's memory model: each thread has a
 * store buffer, from which its stores reach memory in order but later than its next loads.
 *
 * A producer puts PUTS parcels. On the other side two threads may park, the second for one parcel, the
 * first for the others; a trap waits for TRAP parcels; and a thread sees the producer's death and wakes
 * them all. A lost wake is a process that never ends: an invalid end state.
 *
 * -D PUTS=n         parcels
 * -D PARKED=n       threads that park, 0 to 2
 * -D TIMED          the second one may give up at any time
 * -D TRAP=n         0: no trap
 * -D KILL           the producer may die at every step
 * -D ASYMMETRIC     no fence in the producer, a process-wide barrier in whoever arms
 * and mistakes:
 * -D NO_PUBLISHER_FENCE  NO_SLEEPER_FENCE  NO_MEMBARRIER  NO_SECOND_LOOK  READ_AFTER_ARMING
 *    READ_AFTER_SECOND_LOOK  BOOLEAN  SETTLE_EARLY  WAKE_ONE  FIRST_DISARMS_FOR_ALL
 *    THRESHOLD_AFTER_ARMING  NO_KICKS
 */

#ifdef KILL
#define MAY_DIE if :: goto killed :: skip fi
#else
#define MAY_DIE skip
#endif

/* Threads with a store buffer. */
#define P 0   /* the producer */
#define A 1   /* parks */
#define B 2   /* parks */
#define T 3   /* arms the trap, and is its handler */
#define THREADS 4

/* Words of memory. */
#define PUBLISHED 0   /* the lane: how many headers are not zero. Producer's memory */
#define ANSWERED 1    /* readers_answered, the futex word. Producer's memory */
#define WORD 2        /* AttentionLine::readers: both generations. Consumer's memory */
#define THRESHOLD 3   /* trap_parcels. Consumer's memory */
#define LOCK 4        /* of the route's consumers. Private memory of the consumer */
#define WORDS 5

short memory[WORDS];
chan buffer[THREADS] = [4] of { byte, short };
byte pending[THREADS * WORDS];  /* stores of a thread to a word that are in its buffer */
short newest[THREADS * WORDS];  /* the value of the last one of them */

inline Store(thread, at, value) {
  atomic {
    buffer[thread]!at, value;
    pending[thread * WORDS + at]++;
    newest[thread * WORDS + at] = value
  }
}

inline Load(thread, at, value) {
  d_step {
    if
    :: pending[thread * WORDS + at] != 0 -> value = newest[thread * WORDS + at]
    :: else -> value = memory[at]
    fi
  }
}

#define Fence(thread) (empty(buffer[thread]))

/* Buffers drain, each in its order, at any time. */
inline Drain(thread) {
  atomic {
    buffer[thread]?at, value -> memory[at] = value; pending[thread * WORDS + at]--;
    at = 0; value = 0
  }
}

active proctype Memory() {
  byte at;
  short value;
end:
  do
  :: Drain(P)
  :: Drain(A)
  :: Drain(B)
  :: Drain(T)
  od
}

/* --- The wake word: ring/wake.h */

#define PARKED_OF(word) ((word) & 63)
#define TRAPS_OF(word) ((word) >> 6)
#define WITH_PARKED(word, generation) (((word) & ~63) | ((generation) & 63))
#define WITH_TRAPS(word, generation) (((word) & 63) | (((generation) & 63) << 6))
#define ODD(generation) ((generation) & 1)

#ifdef BOOLEAN
#define NEXT_ODD(generation) 1
#else
#define NEXT_ODD(generation) (((generation) + 1) | 1)
#endif

/* --- The kernel: threads asleep on ANSWERED, and on a private word of theirs that others kick. */

bool asleep[THREADS];
byte kicks[THREADS];

/* System calls pass a full fence. */
inline FutexWait(thread, answered, kick) {
  atomic {
    Fence(thread);
    if
    :: memory[ANSWERED] == answered && kicks[thread] == kick -> asleep[thread] = true
    :: else
    fi
  }
}

inline FutexWake() {
#ifdef WAKE_ONE
  atomic {
    Fence(P);
    if
    :: asleep[A] -> asleep[A] = false
    :: asleep[B] -> asleep[B] = false
    :: !asleep[A] && !asleep[B]
    fi
  }
#else
  atomic { Fence(P); asleep[A] = false; asleep[B] = false }
#endif
}

/* --- The producer: RouteEnd::LookAtReaders() and what comes before it */

#define DEATH 127
chan ready = [PUTS + 1] of { byte };  /* Ready messages, and the news of a death */
bool producer_dead = false;

active proctype Producer() {
  byte put = 0;
  short seen = 0;
  short quiet = 0;
  short threshold = 0;
  byte answered_parked = 0;
  byte answered_traps = 0;

  do
  :: put == PUTS -> break
  :: else ->
    put++;
    MAY_DIE;
    Store(P, PUBLISHED, put);
    MAY_DIE;
#if !defined(ASYMMETRIC) && !defined(NO_PUBLISHER_FENCE)
    Fence(P);
#endif
    Load(P, WORD, seen);
    if
    :: seen == quiet
    :: else ->
#ifdef SETTLE_EARLY
      quiet = seen;
#endif
      if
      :: ODD(PARKED_OF(seen)) && PARKED_OF(seen) != answered_parked ->
        MAY_DIE;
        Store(P, ANSWERED, PARKED_OF(seen));
        MAY_DIE;
        FutexWake();
        answered_parked = PARKED_OF(seen)
      :: else
      fi;
      if
      :: ODD(TRAPS_OF(seen)) && TRAPS_OF(seen) != answered_traps ->
        Load(P, THRESHOLD, threshold);
        if
        :: put >= threshold ->
          MAY_DIE;
          atomic { Fence(P); ready!TRAPS_OF(seen) };
          answered_traps = TRAPS_OF(seen);
        :: else
        fi;
        threshold = 0
      :: else
      fi;
      if
      :: (!ODD(PARKED_OF(seen)) || PARKED_OF(seen) == answered_parked) &&
         (!ODD(TRAPS_OF(seen)) || TRAPS_OF(seen) == answered_traps) -> quiet = seen
      :: else
      fi
    fi
  od;
  goto done;
killed:
  producer_dead = true;
done:
  skip
}

/* --- The consumer */

bool link_dead = false;
byte consumed = 0;  /* under the lock */
byte parked = 0;    /* under the lock */

inline Lock(thread) {
  atomic { Fence(thread) && memory[LOCK] == 0 -> memory[LOCK] = 1 }
}
inline Unlock(thread) { Store(thread, LOCK, 0) }

/* The link ends: what the dead side stored is in memory. Wakes whom the producer may have left asleep. */
inline Kick(thread) {
  atomic {
#ifndef NO_KICKS
    kicks[thread]++;
#endif
    asleep[thread] = false
  }
}

active proctype Disconnect() {
end:
  producer_dead && Fence(P);
  link_dead = true;
  Kick(A);
  Kick(B);
  ready!DEATH
}

/* Between arming and the second look. */
inline SleeperBarrier(thread) {
#ifdef NO_SLEEPER_FENCE
  skip;
#else
  Fence(thread);
#endif
#if defined(ASYMMETRIC) && !defined(NO_MEMBARRIER)
  Fence(P);  /* the interrupt reaches the producer at some moment of the call */
#endif
}

/* A parcel, if there is one; else whether no more will come. */
inline Take(thread) {
  over = link_dead;  /* before looking */
  Load(thread, PUBLISHED, value);
  if
  :: value > consumed -> consumed++; left--; taken = true
  :: else
  fi;
  value = 0
}

proctype Sleeper(byte me; byte left; bool timed) {
  bool taken = false;
  bool over = false;
  bool late = false;
  short value = 0;
  short answered = 0;
  byte kick = 0;

  do
  :: left == 0 || (over && !taken) || late -> break
  :: else ->
    taken = false;
    kick = kicks[me];
    Lock(me);
    Take(me);
    if
    :: taken || over -> Unlock(me)
    :: else ->
      Load(me, ANSWERED, answered);
      parked++;
      Load(me, WORD, value);
      Store(me, WORD, WITH_PARKED(value, NEXT_ODD(PARKED_OF(value))));
      value = 0;
      Unlock(me);
#ifdef READ_AFTER_ARMING
      Load(me, ANSWERED, answered);
#endif
      SleeperBarrier(me);
      /* The second look. Without the lock, which on x86 would be a fence. */
#ifndef NO_SECOND_LOOK
      over = link_dead;
      Load(me, PUBLISHED, value);
#endif
#ifdef READ_AFTER_SECOND_LOOK
      Load(me, ANSWERED, answered);
#endif
      if
      :: over || value > consumed -> over = false  /* Take() says more */
      :: else ->
        FutexWait(me, answered, kick);
        if
        :: !asleep[me]
        :: timed -> atomic { asleep[me] = false; late = true }
        fi
      fi;
      answered = 0;
      value = 0;
      Lock(me);
      parked--;
      if
#ifdef FIRST_DISARMS_FOR_ALL
      :: true ->
#else
      :: parked == 0 ->
#endif
        Load(me, WORD, value);
        if
        :: ODD(PARKED_OF(value)) -> Store(me, WORD, WITH_PARKED(value, PARKED_OF(value) + 1))
        :: else
        fi;
        value = 0
#ifndef FIRST_DISARMS_FOR_ALL
      :: else
#endif
      fi;
      Unlock(me)
    fi
  od
}

/* RouteEnd::Evaluate() with a trap for TRAP parcels, and after it one for all of them. */
proctype TrapOwner() {
  bool over = false;
  short value = 0;
  byte wanted = TRAP;
  byte armed = 0;
  byte message = 0;

  do
  :: Lock(T);
    over = link_dead;
    Load(T, PUBLISHED, value);
    if
    :: !over && value >= wanted && wanted != PUTS -> wanted = PUTS
    :: else
    fi;
    if
    :: over || value >= wanted -> Unlock(T); break
    :: else
    fi;
    Load(T, WORD, value);
    armed = NEXT_ODD(TRAPS_OF(value)) & 63;
#ifdef THRESHOLD_AFTER_ARMING
    Store(T, WORD, WITH_TRAPS(value, armed));
    Store(T, THRESHOLD, wanted);
#else
    Store(T, THRESHOLD, wanted);
    Store(T, WORD, WITH_TRAPS(value, armed));
#endif
    value = 0;
    Unlock(T);
    SleeperBarrier(T);
#ifndef NO_SECOND_LOOK
    over = link_dead;
    Load(T, PUBLISHED, value);
    if
    :: over || value >= wanted -> goto again
    :: else
    fi;
    value = 0;
#endif
    ready?message;
    /* A message for this generation came because its threshold is met. */
    assert(message != armed || memory[PUBLISHED] >= wanted);
again:
    value = 0;
    message = 0
  od
}

init {
  atomic {
#if PARKED == 1
    run Sleeper(A, PUTS, false);
#endif
#if PARKED == 2
    run Sleeper(A, PUTS - 1, false);
#ifdef TIMED
    run Sleeper(B, 1, true);
#else
    run Sleeper(B, 1, false);
#endif
#endif
#if TRAP > 0
    run TrapOwner();
#endif
  }
}

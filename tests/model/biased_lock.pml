/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.
 *
 * engine/base/biased_lock.h on x86's memory model (as in sleep_wake.pml): THREADS threads take the lock
 * ROUNDS times each; after NEEDED rounds in a row a thread owns it. Never are two inside, and nobody
 * waits for ever.
 *
 * -D ONE_OWNER   only the first thread that owned the lock may own it again
 * and mistakes:
 * -D NO_BARRIER (or one that fails)  NO_SECOND_LOOK  NO_WAIT
 */

#define OWNER 0    /* owner_: thread + 1, or 0 */
#define INSIDE 1   /* inside_ */
#define SHARED 2   /* shared_ */
#define WORDS 3

byte memory[WORDS];
chan buffer[THREADS] = [3] of { byte, byte };
byte pending[THREADS * WORDS];
byte newest[THREADS * WORDS];

inline Store(at, value) {
  atomic {
    buffer[me]!at, value;
    pending[me * WORDS + at]++;
    newest[me * WORDS + at] = value
  }
}

#define LOADED(at) (pending[me * WORDS + at] != 0 -> newest[me * WORDS + at] : memory[at])

inline Drain(thread) {
  atomic {
    buffer[thread]?at, value -> memory[at] = value; pending[thread * WORDS + at]--;
    at = 0; value = 0
  }
}

active proctype Memory() {
  byte at, value;
end:
  do
  :: Drain(0)
  :: Drain(1)
#if THREADS > 2
  :: Drain(2)
#endif
  od
}

#ifdef ONE_OWNER
#define MAY_OWN (bias == 0 || bias == me + 1)
#else
#define MAY_OWN true
#endif

/* Written by whoever holds the lock. */
bool holds_shared = false;
byte streak = 0;
byte last = 0;
byte bias = 0;  /* the thread that may own it, with ONE_OWNER */
byte inside_now = 0;

proctype Thread(byte me) {
  byte rounds = 0;
  bool entered = false;

  do
  :: rounds == ROUNDS -> break
  :: else ->
    rounds++;
    entered = false;
    /* Enter() */
    if
    :: LOADED(OWNER) != me + 1
    :: else ->
      Store(INSIDE, 1);
#ifndef NO_SECOND_LOOK
      if
      :: LOADED(OWNER) == me + 1 -> entered = true
      :: else -> Store(INSIDE, 0)
      fi
#else
      entered = true
#endif
    fi;
    /* TakeSlowly() */
    if
    :: entered
    :: else ->
      atomic { empty(buffer[me]) && memory[SHARED] == 0 -> memory[SHARED] = 1 }
      if
      :: LOADED(OWNER) == 0 || LOADED(OWNER) == me + 1
      :: else ->
        Store(OWNER, 0);
#ifndef NO_BARRIER
        empty(buffer[me]);
        empty(buffer[0]);
        empty(buffer[1]);
#if THREADS > 2
        empty(buffer[2]);
#endif
#endif
#ifndef NO_WAIT
        LOADED(INSIDE) == 0;
#endif
        streak = 0
      fi;
      holds_shared = true;
      streak = (last == me + 1 -> streak + 1 : 1);
      last = me + 1;
      if
      :: streak >= NEEDED && MAY_OWN -> bias = me + 1; Store(OWNER, me + 1)
      :: else
      fi
    fi;
    inside_now++;
    assert(inside_now == 1);
    inside_now--;
    /* unlock() */
    if
    :: holds_shared -> holds_shared = false; Store(SHARED, 0)
    :: else -> Store(INSIDE, 0)
    fi
  od
}

init {
  atomic {
    run Thread(0);
    run Thread(1);
#if THREADS > 2
    run Thread(2)
#endif
  }
}

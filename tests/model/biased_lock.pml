/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.
 *
 * engine/base/biased_lock.h on x86's memory model (as in sleep_wake.pml): THREADS threads take the lock
 * ROUNDS times each; after NEEDED rounds in a row a thread owns it. Never are two inside, and nobody
 * waits for ever.
 *
 * and mistakes:
 * -D NO_BARRIER (or one that fails)  NO_SECOND_LOOK  NO_WAIT  DISOWNS_LATE
 * -D ONE_WORD   owners that come after each other share a word
 */

#define OWNER 0    /* owner_: thread + 1, or 0 */
#define SHARED 1   /* shared_ */
#ifdef ONE_WORD
#define INSIDE(thread) 2   /* inside_ */
#define WORDS 3
#else
#define INSIDE(thread) (2 + (thread))
#define WORDS (2 + THREADS)
#endif

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

/* Written by whoever holds the lock. */
bool holds_shared = false;
byte streak = 0;
byte last = 0;
byte inside_now = 0;

proctype Thread(byte me) {
  byte rounds = 0;
  byte owner = 0;
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
      Store(INSIDE(me), 1);
#ifndef NO_SECOND_LOOK
      if
      :: LOADED(OWNER) == me + 1 -> entered = true
      :: else -> Store(INSIDE(me), 0)
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
        owner = LOADED(OWNER) - 1;
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
        LOADED(INSIDE(owner)) == 0;
#endif
        streak = 0
      fi;
      holds_shared = true;
      streak = (last == me + 1 -> streak + 1 : 1);
      last = me + 1;
      if
      :: streak >= NEEDED -> Store(OWNER, me + 1)
      :: else
      fi
    fi;
    inside_now++;
    assert(inside_now == 1);
    inside_now--;
    if
    :: holds_shared -> holds_shared = false; Store(SHARED, 0)
    :: holds_shared ->  /* Disown() */
      Store(OWNER, 0);
      streak = 0;
      holds_shared = false;
      Store(SHARED, 0)
    :: !holds_shared -> Store(INSIDE(me), 0)
    :: !holds_shared ->  /* Disown() */
      if
      :: atomic { empty(buffer[me]) && memory[SHARED] == 0 -> memory[SHARED] = 1 }
#ifdef DISOWNS_LATE
        Store(INSIDE(me), 0);
        Store(SHARED, 0);
        Store(OWNER, 0)
#else
        Store(OWNER, 0);
        streak = 0;
        Store(INSIDE(me), 0);
        Store(SHARED, 0)
#endif
      :: memory[SHARED] != 0 -> Store(INSIDE(me), 0)
      fi
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

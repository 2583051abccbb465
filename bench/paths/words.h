// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Two words in shared memory, one written by each side, and nothing else: the floor of a round
// trip, polling and asleep.

#ifndef BENCH_PATHS_WORDS_H_
#define BENCH_PATHS_WORDS_H_

#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "bench/harness/channel.h"
#include "bench/harness/cpu.h"
#include "bench/harness/payload.h"
#include "bench/harness/shared.h"

namespace ringway::bench {

// Polling. Apart by less than 64 bytes, both words lie in one cache line.
template <size_t kApart>
class CacheLinePath {
 public:
  static constexpr size_t kBytes = 8;

  class End {
   public:
    static constexpr bool kInPlace = false;

    End(std::atomic<uint64_t>& out, const std::atomic<uint64_t>& in) : out_(out), in_(in) {}

    template <typename Write>
    void Send(Write write) {
      write(word_.data());
      out_.store(LoadWord(word_.data()), std::memory_order_release);
    }

    template <typename Read>
    void Receive(Read read) {
      uint64_t word;
      while ((word = in_.load(std::memory_order_acquire)) == last_) Spin();
      last_ = word;
      StoreWord(word_.data(), word);
      read(word_.data());
    }

   private:
    std::atomic<uint64_t>& out_;
    const std::atomic<uint64_t>& in_;
    uint64_t last_ = 0;
    std::array<std::byte, 8> word_ = {};
  };

  End Open(Side side) { return End((*words_)[At(side)], (*words_)[At(Other(side))]); }

 private:
  static constexpr size_t At(Side side) { return Index(side) * kApart / 8; }

  struct alignas(64) Words : std::array<std::atomic<uint64_t>, 16> {};
  Shared<Words> words_;
};

// Asleep at once whenever the word has not changed yet.
class FutexPath {
 private:
  struct alignas(64) Word {
    std::atomic<uint32_t> sent;  // messages: what the other side sleeps on
    std::atomic<uint64_t> message;
  };
  using Words = std::array<Word, 2>;

 public:
  static constexpr size_t kBytes = 8;

  class End {
   public:
    static constexpr bool kInPlace = false;

    End(Word& out, Word& in) : out_(out), in_(in) {}

    template <typename Write>
    void Send(Write write) {
      write(word_.data());
      out_.message.store(LoadWord(word_.data()), std::memory_order_relaxed);
      out_.sent.fetch_add(1, std::memory_order_release);
      syscall(SYS_futex, &out_.sent, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    }

    template <typename Read>
    void Receive(Read read) {
      while (in_.sent.load(std::memory_order_acquire) == received_) {
        syscall(SYS_futex, &in_.sent, FUTEX_WAIT, received_, nullptr, nullptr, 0);
      }
      ++received_;
      StoreWord(word_.data(), in_.message.load(std::memory_order_relaxed));
      read(word_.data());
    }

   private:
    Word& out_;
    Word& in_;
    uint32_t received_ = 0;
    std::array<std::byte, 8> word_ = {};
  };

  End Open(Side side) { return End((*words_)[Index(side)], (*words_)[Index(Other(side))]); }

 private:
  Shared<Words> words_;
};

}  // namespace ringway::bench

#endif  // BENCH_PATHS_WORDS_H_

// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_BASE_RECYCLED_H_
#define ENGINE_BASE_RECYCLED_H_

#include <cstddef>
#include <mutex>
#include <new>

#include "ring/base/lock.h"

namespace ringway {

// A sanitizer of addresses is to see each use after the end.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kRecycles = false;
#elif defined(__has_feature)
inline constexpr bool kRecycles = !__has_feature(address_sanitizer);
#else
inline constexpr bool kRecycles = true;
#endif

// Base of classes whose objects come and go by the thousand, on whatever threads:
// the memory of up to `kKept` of them waits for the next ones. What malloc keeps at
// hand is seven of a size, for the thread that freed them.
template <class T, size_t kKept = 1024>
class Recycled {
 public:
  static void* operator new(size_t bytes) {
    if (kRecycles && bytes == sizeof(T)) {
      const std::lock_guard lock(lock_);
      if (Waiting* const first = first_) {
        first_ = first->next;
        --count_;
        return first;
      }
    }
    return ::operator new (bytes, std::align_val_t{alignof(T)});
  }

  static void operator delete(void* memory, size_t bytes) {
    if (kRecycles && bytes == sizeof(T)) {
      const std::lock_guard lock(lock_);
      if (count_ < kKept) {
        first_ = new (memory) Waiting{first_};
        ++count_;
        return;
      }
    }
    ::operator delete (memory, std::align_val_t{alignof(T)});
  }

 private:
  struct Waiting {
    Waiting* next;
  };
  inline static SpinLock lock_;
  inline static Waiting* first_ = nullptr;
  inline static size_t count_ = 0;
};

}  // namespace ringway

#endif  // ENGINE_BASE_RECYCLED_H_

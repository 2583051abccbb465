// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_BASE_REF_H_
#define ENGINE_BASE_REF_H_

#include <atomic>
#include <cstdint>
#include <utility>

namespace ringway {

// An object that counts who holds it. The last Ref calls Dispose(), which by
// default deletes it.
class RefCounted {
 public:
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void AddRef() { refs_.fetch_add(1, std::memory_order_relaxed); }  // the caller holds one
  void Release() {
    // [ref.last] (one end) Pairs with itself: who drops the last sees what all others did.
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) Dispose();
  }

 protected:
  RefCounted() = default;
  virtual ~RefCounted() = default;
  virtual void Dispose() { delete this; }

 private:
  std::atomic<uint32_t> refs_{0};
};

template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  explicit Ref(T* object) : object_(object) {
    if (object_) object_->AddRef();
  }
  Ref(const Ref& other) : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
  Ref(Ref<U> other) : object_(other.Leak()) {}
  Ref& operator=(Ref other) {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_) object_->Release();
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(const Ref& other) const = default;

  // Gives up the count without dropping it, and takes such a count back.
  T* Leak() { return std::exchange(object_, nullptr); }
  static Ref Adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }

 private:
  T* object_ = nullptr;
};

template <class T, class... Args>
Ref<T> MakeRef(Args&&... args) {
  return Ref<T>(new T(std::forward<Args>(args)...));
}

}  // namespace ringway

#endif  // ENGINE_BASE_REF_H_

// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Objects that end with their last reference.

#ifndef RINGWAY_REF_COUNTED_H_
#define RINGWAY_REF_COUNTED_H_

#include <atomic>
#include <new>
#include <utility>

namespace ringway {
inline namespace api {

// The base of an object that counts its references, from 0 for that of its creator; it is deleted
// when the count falls below 0. Any thread may hold and drop.
class RefCounted {
 public:
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void Hold() { ++references_; }
  void Drop() {
    if (references_-- == 0) delete this;
  }
  // Beside that of its creator.
  int references() const { return references_.load(); }

 protected:
  RefCounted() = default;
  virtual ~RefCounted() = default;

 private:
  std::atomic<int> references_ = 0;
};

// Owns one reference.
template <class T>
class Ref {
 public:
  Ref() = default;
  // Takes over a reference that was held before: the creator's, for a fresh object.
  explicit Ref(T* held) : object_(held) {}
  Ref(const Ref& other) : object_(other.object_) {
    if (object_) object_->Hold();
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_) object_->Drop();
  }

  // One more reference to an object.
  static Ref To(T& object) {
    object.Hold();
    return Ref(&object);
  }

  explicit operator bool() const { return object_ != nullptr; }
  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }

 private:
  T* object_ = nullptr;
};

// A fresh object, with the reference of its creator; empty when there is no memory.
template <class T, class... Args>
Ref<T> MakeRef(Args&&... args) {
  return Ref<T>(new (std::nothrow) T(std::forward<Args>(args)...));
}

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_REF_COUNTED_H_

// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_BASE_SMALL_VECTOR_H_
#define ENGINE_BASE_SMALL_VECTOR_H_

#include <boost/container/small_vector.hpp>
#include <cstddef>

namespace ringway {

// A vector whose first `kInline` elements lie in it, so that the usual few need no
// allocation (docs/decisions/0020-what-a-transfer-allocates.md).
template <class T, size_t kInline>
using SmallVector = boost::container::small_vector<T, kInline>;

}  // namespace ringway

#endif  // ENGINE_BASE_SMALL_VECTOR_H_

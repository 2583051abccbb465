// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A filter between two endpoints that changes what is delivered through it, in either direction.
// All other messages pass through.

#ifndef DOCS_EXAMPLES_XOR_FILTER_H_
#define DOCS_EXAMPLES_XOR_FILTER_H_

#include <cstddef>
#include <cstdint>

#include "docs/examples/roles.h"
#include "ringway/xfer.h"

namespace ringway::examples {

class XorFilter : public Counted {
 public:
  explicit XorFilter(uint8_t constant);

  long DeliverToBackend(ArrayRef<const std::byte> data, const XferMetadata& metadata);
  long DeliverToXfer(ArrayRef<const std::byte> data, const XferMetadata& metadata);
  void Close(int64_t reason);

  Endpoint xfer;
  Endpoint backend;

 private:
  long DeliverTo(Endpoint& endpoint, ArrayRef<const std::byte> data, const XferMetadata& metadata);

  const std::byte constant_;
};

// Makes a filter and plugs it in: 0, or an error, and everything is as before.
int64_t MakeXorFilter(Loop& loop, Cap<Plugging> xfer, Cap<Plugging> backend, uint8_t constant);

}  // namespace ringway::examples

#endif  // DOCS_EXAMPLES_XOR_FILTER_H_

// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What must not compile: refused_test.py looks for the words behind each mark.
// Without RW_REFUSED it compiles, and does not link, as a stub is not defined.

#include "ringway/compat.h"
#include "ringway/compat_intf.h"

using namespace ringway;

struct Good : Kobject_t<Good, Kobject> {
  static constexpr InterfaceId kId = IdOf("good");
  RW_INLINE_RPC(long, add, (int a, int b, int& sum));
  RW_RPC(long, far, (int a));
  using Sub = Method<Good, "sub", long(int, int, int&)>;
  using Rpcs = ringway::Rpcs<add_t, far_t, Sub>;
};

struct GoodServer : Server<GoodServer, Good> {
  long op_add(CallContext&, int a, int b, int& sum) { return sum = a + b, 0; }
  long op_far(CallContext&, int a) { return a; }
  long Handle(Good::Sub, CallContext&, int a, int b, int& result) { return result = a - b, 0; }
};

#ifndef RW_REFUSED
GoodServer server;
long Call(const Cap<Good>& good, int& sum) { return good->add(1, 2, sum); }
int main() { return static_cast<int>(Cap<Good>()->far(1)); }
#else
namespace case1 {  // case: op_add() that takes these parameters
struct Lacking : Server<Lacking, Good> {
  long op_far(CallContext&, int a) { return a; }
  long Handle(Good::Sub, CallContext&, int, int, int&) { return 0; }
};
Lacking server;
}  // namespace case1
namespace case2 {  // case: no Handle() for this method that takes these parameters
struct Wrong : Server<Wrong, Good> {
  long op_add(CallContext&, int, int, int&) { return 0; }
  long op_far(CallContext&, int a) { return a; }
  long Handle(Good::Sub, CallContext&, int, int, const char*) { return 0; }
};
Wrong server;
}  // namespace case2
namespace case3 {  // case: an explicit opcode goes back
struct Back : Interface<Back> {
  static constexpr InterfaceId kId = IdOf("back");
  using A = Method<Back, "a", long(), Opcode<5>>;
  using B = Method<Back, "b", long(), Opcode<2>>;
  using Rpcs = ringway::Rpcs<A, B>;
};
constexpr uint32_t kOpcode = kOpcodeOf<Back::A>;
}  // namespace case3
namespace case4 {  // case: holds pointers, padding or a bool
struct Pointer {
  int64_t a;
  const char* text;
};
struct Pointers : Interface<Pointers> {
  static constexpr InterfaceId kId = IdOf("pointers");
  using A = Method<Pointers, "a", long(Pointer)>;
  using Rpcs = ringway::Rpcs<A>;
};
long Call(const Cap<Pointers>& cap) { return cap.Call<Pointers::A>(Pointer{}); }
}  // namespace case4
namespace case5 {  // case: two of the interfaces have the same id
struct Clash : Interface<Clash, Good> {
  static constexpr InterfaceId kId = Good::kId;
};
struct ClashServer : Server<ClashServer, Clash> {
  long op_add(CallContext&, int, int, int&) { return 0; }
  long op_far(CallContext&, int a) { return a; }
  long Handle(Good::Sub, CallContext&, int, int, int&) { return 0; }
};
ClashServer server;
}  // namespace case5
namespace case6 {  // case: an ArrayRef is the last parameter of its direction
struct Early : Interface<Early> {
  static constexpr InterfaceId kId = IdOf("early");
  using A = Method<Early, "a", long(ArrayRef<const int>, int)>;
  using Rpcs = ringway::Rpcs<A>;
};
struct EarlyServer : Server<EarlyServer, Early> {
  long Handle(Early::A, CallContext&, ArrayRef<const int>, int) { return 0; }
};
EarlyServer server;
}  // namespace case6
namespace case7 {  // case: an interface with methods needs a kId
struct Nameless : Interface<Nameless> {
  using A = Method<Nameless, "a", long()>;
  using Rpcs = ringway::Rpcs<A>;
};
struct NamelessServer : Server<NamelessServer, Nameless> {
  long Handle(Nameless::A, CallContext&) { return 0; }
};
NamelessServer server;
}  // namespace case7
namespace case8 {  // case: is not listed in the Rpcs of its interface
struct Unlisted : Interface<Unlisted> {
  static constexpr InterfaceId kId = IdOf("unlisted");
  using A = Method<Unlisted, "a", long()>;
};
long Call(const Cap<Unlisted>& cap) { return cap.Call<Unlisted::A>(); }
}  // namespace case8
struct Two {
  long Deliver(ArrayRef<const std::byte>, const XferMetadata&) { return 0; }
  long Wrong(ArrayRef<const std::byte>, XferMetadata) { return 0; }
  const char* Odd(ArrayRef<const std::byte>, const XferMetadata&) { return nullptr; }
  Endpoint left;
  Endpoint right;
};
struct Three {
  Endpoint left;
};
constexpr Operation kTwo[] = {kOperation<Xfer::Deliver, &Two::Deliver>};
namespace case9 {  // case: the handler does not take the parameters of this method
constexpr Operation kWrong[] = {kOperation<Xfer::Deliver, &Two::Wrong>};
}  // namespace case9
namespace case10 {  // case: a handler returns a status, or nothing
constexpr Operation kOdd[] = {kOperation<Xfer::Deliver, &Two::Odd>};
}  // namespace case10
namespace case11 {  // case: an operation is one of another class
const Descriptor& three = kDescriptor<&Three::left, kTwo>;
}  // namespace case11
namespace case12 {  // case: messages pass through to an endpoint of the same object
const Descriptor& two = kDescriptor<&Two::left, kTwo, &Three::left>;
}  // namespace case12
namespace case13 {  // case: AnOperationIsListedTwice
constexpr Operation kTwice[] = {kTwo[0], kTwo[0]};
const Descriptor& two = kDescriptor<&Two::left, kTwice>;
}  // namespace case13
namespace case14 {  // case: the handler is one of another object
long Handler(Two*, ArrayRef<const std::byte>, const XferMetadata&) { return 0; }
constexpr Operation kOther[] = {RW_INTF_OP(xfer_deliver, struct Three*, Handler)};
}  // namespace case14
struct Quiet : Interface<Quiet> {
  static constexpr InterfaceId kId = IdOf("quiet");
  using Tell = Method<Quiet, "tell", void(Array<const int>), SendOnly>;
  using Rpcs = ringway::Rpcs<Tell>;
};
namespace case15 {  // case: Call() does not wait for a SendOnly method either
void Start(const Cap<Quiet>& cap) { cap.Start<Quiet::Tell>(Array<const int>()).Wait(); }
}  // namespace case15
namespace case16 {  // case: no known conversion for argument 2 from
void Start(const Cap<Quiet>& cap) {
  cap.Call<Quiet::Tell>(Fill<char>(1, [](std::span<char>) {}));
}
}  // namespace case16
#endif

# What roundtrip/capnp calls.

@0xb0f5a3c1d27e9846;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ringway::bench::rpc");

interface Adder {
  add @0 (a :Int32, b :Int32) -> (sum :Int32);
}

// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A name that admits two connections at a time: docs/examples/name_limits.md.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "docs/examples/processes.h"
#include "ringway/server.h"

namespace example {
namespace {

struct Room : ringway::Interface<Room> {
  static constexpr ringway::InterfaceId kId = ringway::IdOf("example.Room");
  // How often somebody has entered.
  using Enter = ringway::Method<Room, "enter", long(uint32_t&)>;
  using Rpcs = ringway::Rpcs<Enter>;
};

class RoomServer : public ringway::Server<RoomServer, Room> {
 public:
  long Handle(Room::Enter, ringway::CallContext&, uint32_t& number) {
    number = ++entered_;
    return 0;
  }

 private:
  uint32_t entered_ = 0;
};

[[noreturn]] void Serve(const std::string& socket) {
  ringway::Node node = MakeNode();
  const ringway::Names names = Join(node, socket);
  ringway::Loop loop(node);
  RoomServer room;
  ringway::Registered registered;
  Need(names.Register(loop, room, {.name = "room", .limit = 2}, &registered) == RW_EOK,
       "to register");
  loop.Run();
  std::_Exit(0);
}

const char* Enter(const ringway::Cap<Room>& room) {
  uint32_t number = 0;
  return room.Call<Room::Enter>(number) == RW_EOK ? "is in" : "is out";
}

// Says so when it is in, and stays until it is killed.
[[noreturn]] void Stay(const std::string& socket, int tell) {
  ringway::Node node = MakeNode();
  const ringway::Names names = Join(node, socket);
  ringway::Cap<Room> room;
  Need(names.Connect("room", &room) == RW_EOK, "to connect");  // waits for the server
  std::printf("visitor 1 %s\n", Enter(room));
  std::fflush(stdout);
  Need(write(tell, "!", 1) == 1, "to tell");
  for (;;) pause();
}

void Visit(const std::string& socket) {
  int told[2];
  Need(pipe(told) == 0, "to make a pipe");
  const pid_t first = fork();  // nothing of Ringway is in use yet
  if (first == 0) Stay(socket, told[1]);
  char byte;
  Need(first > 0 && read(told[0], &byte, 1) == 1, "to start a visitor");

  ringway::Node node = MakeNode();
  const ringway::Names names = Join(node, socket);
  ringway::Cap<Room> second;
  ringway::Cap<Room> third;
  Need(names.Connect("room", &second) == RW_EOK, "to connect");
  std::printf("visitor 2 %s\n", Enter(second));
  if (names.Connect("room", &third) == -RW_EUSERS) std::printf("visitor 3: the room is full\n");
  kill(first, SIGKILL);
  waitpid(first, nullptr, 0);
  std::printf("visitor 1 is killed\n");
  int64_t status;
  while ((status = names.Connect("room", &third)) == -RW_EUSERS) usleep(1000);
  Need(status == RW_EOK, "to connect");
  std::printf("visitor 3 %s\n", Enter(third));
}

}  // namespace
}  // namespace example

int main(int argc, char** argv) {
  const std::string part = argc == 3 ? argv[1] : "";
  if (part == "serve") example::Serve(argv[2]);
  if (part != "visit") {
    std::fprintf(stderr, "usage: name_limits serve|visit SOCKET\n");
    return 2;
  }
  example::Visit(argv[2]);
}

// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Standard input and output, by bytes.

#ifndef ENGINE_CMD_FILE_IO_H_
#define ENGINE_CMD_FILE_IO_H_

#include <cstddef>

namespace ringway::cmd {

// Makes sure that descriptors 0 to 2 are open, so that no socket of ours ends
// up as somebody's standard output, and that a closed pipe is an error of
// write() and no signal.
void PrepareStandardFiles();

// Standard input. One thread reads; any thread may give it up.
class Input {
 public:
  Input();
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // As read(2), but waits where that would say EAGAIN or EINTR. Negative: errno, negated.
  ptrdiff_t Read(void* buffer, size_t num_bytes);

  // If this is a terminal, the current or next Read() finds its end.
  void GiveUpTerminal();

 private:
  const bool is_terminal_;
  int give_up_fd_ = -1;
};

// Writes all of it to standard output. 0, or an errno.
int WriteAll(const void* data, size_t num_bytes);

// Closes standard output, so that its reader finds the end. 0, or an errno.
int CloseOutput();

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_FILE_IO_H_

// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/node/loans.h"

#include <utility>
#include <vector>

#include "engine/link/link.h"

namespace ringway {

void Loans::Borrower::Give(IpczDriverHandle memory, uint64_t bytes) const {
  if (is_peer) {
    link->Lend(number, bytes, memory);
  } else {
    link->TakeLoan(static_cast<uint32_t>(number), memory);
  }
}

bool Loans::can_borrow() const {
  std::lock_guard lock(mutex_);
  return delegate_ || expected_ != 0;
}

void Loans::Expect() {
  std::lock_guard lock(mutex_);
  ++expected_;
  borrows_.store(true, std::memory_order_relaxed);  // it stays so
}

void Loans::NoDelegate() {
  std::map<uint64_t, Loan> lost;
  {
    std::lock_guard lock(mutex_);
    if (--expected_ == 0 && !delegate_) lost.swap(loans_);
    if (expected_ == 0 && !delegate_ && next_id_ == 1) {
      borrows_.store(false, std::memory_order_relaxed);  // it never had one
    }
  }
  for (const auto& [id, loan] : lost) loan.borrower.Give(IPCZ_INVALID_DRIVER_HANDLE, loan.bytes);
}

void Loans::SetDelegate(Ref<Link> delegate) {
  std::vector<std::pair<uint64_t, uint64_t>> unasked;
  {
    std::lock_guard lock(mutex_);
    --expected_;
    if (delegate_) return;
    delegate_ = delegate;
    for (const auto& [id, loan] : loans_) unasked.emplace_back(id, loan.bytes);
  }
  for (const auto& [id, bytes] : unasked) delegate->AskForLoan(id, bytes);
  if (delegate->down()) OnLinkEnded(*delegate);  // it may not have found itself here
}

void Loans::Borrow(const Borrower& borrower, uint64_t bytes) {
  Ref<Link> delegate;
  uint64_t id = 0;
  {
    std::lock_guard lock(mutex_);
    if (delegate_ || expected_ != 0) {
      id = next_id_++;
      loans_[id] = {borrower, bytes};
      delegate = delegate_;
    }
  }
  if (id == 0) return borrower.Give(IPCZ_INVALID_DRIVER_HANDLE, bytes);
  if (delegate) delegate->AskForLoan(id, bytes);
}

bool Loans::OnProvided(Link& from, uint64_t id, IpczDriverHandle memory) {
  Loan loan;
  {
    std::lock_guard lock(mutex_);
    const auto found = loans_.find(id);
    if (delegate_.get() != &from || found == loans_.end()) return false;
    loan = std::move(found->second);
    loans_.erase(found);
  }
  loan.borrower.Give(memory, loan.bytes);
  return true;
}

void Loans::OnLinkEnded(Link& link) {
  Ref<Link> delegate;
  std::map<uint64_t, Loan> lost;
  {
    std::lock_guard lock(mutex_);
    if (delegate_.get() != &link) return;
    delegate = std::exchange(delegate_, nullptr);
    if (expected_ == 0) lost.swap(loans_);
  }
  for (const auto& [id, loan] : lost) loan.borrower.Give(IPCZ_INVALID_DRIVER_HANDLE, loan.bytes);
}

}  // namespace ringway

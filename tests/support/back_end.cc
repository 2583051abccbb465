// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/back_end.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <seccomp.h>
#include <semaphore.h>
#include <sys/syscall.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "tests/support/foreign_core.h"
#include "tests/support/ipcz_test.h"
#include "tests/support/process.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {
namespace {

std::string Variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

// All threads of this process, from now on.
void RefuseAsTold(const std::string& told) {
  const auto has = [&](const char* word) { return told.find(word) != std::string::npos; };
  const uint32_t action = SCMP_ACT_ERRNO(has("ENOSYS") ? ENOSYS : EPERM);
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  ASSERT_NE(filter, nullptr);
  ASSERT_EQ(seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1), 0);
  if (has("io_uring")) {
    for (const int call : {425, 426, 427}) {  // io_uring_setup, enter, register
      ASSERT_EQ(seccomp_rule_add(filter, action, call, 0), 0);
    }
  }
  if (has("futex_waitv")) {
    ASSERT_EQ(seccomp_rule_add(filter, action, 449, 0), 0);
  }
  if (has("memfd")) {
    ASSERT_EQ(seccomp_rule_add(filter, action, SYS_memfd_create, 0), 0);
  }
  if (has("seals")) {
    const scmp_arg_cmp adds_seals = SCMP_A1(SCMP_CMP_EQ, F_ADD_SEALS);
    ASSERT_EQ(seccomp_rule_add(filter, action, SYS_fcntl, 1, adds_seals), 0);
  }
  ASSERT_EQ(seccomp_load(filter), 0);
  seccomp_release(filter);
}

// A link within this process that is used now and then.
class Link {
 public:
  Link() {
    IpczDriverHandle transports[2];
    EXPECT_EQ(RingwayLinuxCreateTransportPair(&transports[0], &transports[1]), IPCZ_RESULT_OK);
    sem_init(&answered_, 0, 0);
    one_ = std::make_unique<ForeignCore>(RingwayLinuxDriver(), transports[0]);
    other_ = std::make_unique<ForeignCore>(RingwayLinuxDriver(), transports[1]);
    const auto answer = [this](const std::byte* data, size_t num_bytes) {
      other_->Put(data, num_bytes);
    };
    EXPECT_EQ(one_->Activate([this](const std::byte*, size_t) { sem_post(&answered_); }, [] {}),
              IPCZ_RESULT_OK);
    EXPECT_EQ(other_->Activate(answer, [] {}), IPCZ_RESULT_OK);
  }

  ~Link() {
    one_.reset();
    other_.reset();
    sem_destroy(&answered_);
  }

  void Use() {
    for (int i = 0; i < 100; ++i) {
      ASSERT_EQ(one_->Put(&i, sizeof(i)), IPCZ_RESULT_OK);
      ASSERT_TRUE(Eventually([&] { return sem_trywait(&answered_) == 0; }, 20));
    }
  }

 private:
  sem_t answered_;
  std::unique_ptr<ForeignCore> one_;
  std::unique_ptr<ForeignCore> other_;
};

class BackEndEnvironment final : public ::testing::Environment {
 public:
  void SetUp() override {
    if (expected_.empty()) return;
    descriptors_before_ = MeasureFootprint().descriptors;
    if (!refused_.empty() && !is_midway_) RefuseAsTold(refused_);
    kept_ = std::make_unique<Link>();
    kept_->Use();
    tests_until_refusal_ = ::testing::UnitTest::GetInstance()->test_to_run_count() / 2;
  }

  void OnTestStart() {
    if (!is_midway_ || tests_until_refusal_-- != 0) return;
    EXPECT_NE(BackEndInUse(), expected_);
    refusing_ = std::thread([this] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      RefuseAsTold(refused_);
    });
  }

  void TearDown() override {
    if (refusing_.joinable()) refusing_.join();
    if (expected_.empty()) return;
    kept_->Use();
    Link().Use();
    // Whoever does not sleep does not learn what the kernel refuses.
    EXPECT_TRUE(Eventually([&] { return BackEndInUse() == expected_; })) << BackEndInUse();
    const RingwayDriverStatistics statistics = DriverStatistics();
    const bool has_sqpoll =
        !Variable("RINGWAY_DRIVER_SQPOLL_MS").empty() && expected_ == "io_uring_futex";
    EXPECT_EQ(statistics.has_sqpoll, has_sqpoll ? 1u : 0u);
    EXPECT_EQ(statistics.channel_messages_sent != 0, expected_ != "socket" || is_midway_);
    EXPECT_LE(statistics.wakes_sent, statistics.messages_sent + statistics.messages_received);
    kept_.reset();
    EXPECT_TRUE(Eventually([&] {
      return MeasureFootprint().descriptors <= descriptors_before_ &&
             DriverStatistics().open_transports == 0;
    }));
  }

 private:
  const std::string expected_ = Variable("RW_EXPECT");
  const std::string refused_ = Variable("RW_REFUSE");
  const bool is_midway_ = refused_.find("midway") != std::string::npos;
  size_t descriptors_before_ = 0;
  std::unique_ptr<Link> kept_;
  int tests_until_refusal_ = 0;
  std::thread refusing_;
};

class Listener final : public ::testing::EmptyTestEventListener {
 public:
  explicit Listener(BackEndEnvironment* environment) : environment_(environment) {}
  void OnTestStart(const ::testing::TestInfo&) override { environment_->OnTestStart(); }

 private:
  BackEndEnvironment* const environment_;
};

const bool kIsAdded = [] {
  auto* environment = new BackEndEnvironment;
  ::testing::AddGlobalTestEnvironment(environment);
  ::testing::UnitTest::GetInstance()->listeners().Append(new Listener(environment));
  return true;
}();

}  // namespace
}  // namespace ringway::testing

// Children under ceilings, and a cycle seen from the parent. Children are real processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "agent/supervisor/cycle_run.h"
#include "agent/supervisor/resident.h"
#include "common/files.h"
#include "tests/agent/runtime/state_folder.h"

namespace daicho::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Shell(const std::string& script) { return {"/bin/sh", "-c", script}; }

ChildLimits Limits() { return {.name = "collection", .nice = 0}; }

struct Ended {
  ChildEnd end;
  std::string output;
};

Ended RunChild(const std::string& script, const ChildLimits& limits) {
  asio::io_context context;
  Children children(context);
  const auto output = NewMemoryFile();
  std::optional<ChildEnd> end;
  const auto started = children.Start({Shell(script), -1, output->get(), limits}, [&](const ChildEnd& ended) {
    end = ended;
    context.stop();
  });
  EXPECT_TRUE(started) << started.error().message;
  context.run();
  return {end.value_or(ChildEnd{}), *ReadMemoryFile(*output)};
}

TEST(Child, ThatSpinsIsKilledAtItsCpuCeilingAndNamed) {
  ChildLimits limits = Limits();
  limits.cpu_seconds = 1;
  const Ended child = RunChild("while :; do :; done", limits);
  EXPECT_EQ(OverrunOf(limits, child.end), "collection killed: 1 s CPU ceiling");
  EXPECT_GE(child.end.cpu_microseconds, 100'000u);  // the ceiling counts ticks, the cost does not: no exact second
}

TEST(Child, ThatHangsIsKilledAtItsTimeCeilingAndNamed) {
  ChildLimits limits = Limits();
  limits.wall_seconds = 1;
  const Ended child = RunChild("sleep 100 & sleep 100", limits);
  EXPECT_EQ(OverrunOf(limits, child.end), "collection killed: 1 s time ceiling");
}

TEST(Child, ThatEndsByItselfIsNoOverrun) {
  const Ended child = RunChild("echo hello; exit 7", Limits());
  EXPECT_EQ(child.end.exit_code, 7);
  EXPECT_EQ(child.output, "hello\n");
  EXPECT_EQ(OverrunOf(Limits(), child.end), "");
}

TEST(Child, ThatReportsItsMemoryCeilingIsNamed) {
  const Ended child = RunChild("exit 86", Limits());
  EXPECT_EQ(OverrunOf(Limits(), child.end), "collection killed: 512 MiB memory ceiling");
}

TEST(Child, HasTheCeilingsAndNothingOfTheParentsEnvironment) {
  ::setenv("SECRET_OF_THE_PARENT", "x", 1);
  ChildLimits limits = Limits();
  limits.open_files = 99;
  // A run of these tests may be a nice one itself, and nobody becomes less nice than his parent.
  limits.nice = std::min(::getpriority(PRIO_PROCESS, 0) + 7, 19);
  const Ended child =
      RunChild("ulimit -n; ulimit -c; nice; echo secret=$SECRET_OF_THE_PARENT; ls /proc/self/fd | wc -l", limits);
  EXPECT_EQ(child.output, "99\n0\n" + std::to_string(limits.nice) + "\nsecret=\n4\n");
}

TEST(Child, WhatItLeavesInItsGroupIsKilledWithIt) {
  const Ended child = RunChild("sleep 1000 >/dev/null & echo $!", Limits());
  const pid_t orphan = std::atoi(child.output.c_str());
  ASSERT_GT(orphan, 1);
  // Killed already; it may take a moment until init has buried it.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  auto state = [&] { return ReadFile("/proc/" + std::to_string(orphan) + "/stat").value_or(") Z"); };
  while (state().find(") Z") == std::string::npos && std::chrono::steady_clock::now() < until) ::usleep(1000);
  EXPECT_NE(state().find(") Z"), std::string::npos) << state();
}

TEST(Child, OfAProgramThatIsMissingIsAnErrorWithItsName) {
  asio::io_context context;
  Children children(context);
  const auto started = children.Start({{"/nonexistent/daicho-uplink"}, -1, -1, Limits()}, [](const ChildEnd&) {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::kNotFound);
  EXPECT_THAT(started.error().message, HasSubstr("cannot start /nonexistent/daicho-uplink"));
}

class Cycle : public testing::Test {
 protected:
  CycleRecord Run(const std::string& collection, const std::string& uplink, ChildLimits collection_limits = Limits()) {
    ChildLimits uplink_limits = Limits();
    uplink_limits.name = "uplink";
    const CyclePrograms programs{Shell(collection), Shell(uplink), collection_limits, uplink_limits};
    auto record = RunOneCycle(folder_.state, programs, clock_);
    EXPECT_TRUE(record) << record.error().message;
    return record.value_or(CycleRecord{});
  }
  const std::string good_uplink_ = "n=$(wc -c); echo 'next_check_in_seconds = 300'; echo \"bytes_out = $n\"";
  StateFolder folder_;
  FakeClock clock_{1'800'000'000};
};

TEST_F(Cycle, JoinsCollectionAndUplinkByThePipeAndKeepsTheRecord) {
  const CycleRecord record = Run("printf 12345", good_uplink_);
  EXPECT_TRUE(record.CheckedIn()) << record.message;
  EXPECT_EQ(record.bytes_out, 5u);
  EXPECT_EQ(record.next_check_in_seconds, 300u);
  EXPECT_GT(record.peak_rss_kib, 0u);
  EXPECT_EQ(record.finished_at, clock_.Now());
  EXPECT_THAT(record.warnings, IsEmpty());
  const auto kept = LoadCycleRecord(folder_.state);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(FormatCycleRecord(*kept), FormatCycleRecord(record));
}

TEST_F(Cycle, OverrunsStayInTheRecordUntilACheckInCouldCarryThem) {
  ChildLimits one_second = Limits();
  one_second.cpu_seconds = 1;
  const std::string unreachable = "cat >/dev/null; echo 'code = 14'; exit 3";
  const std::string overrun = "collection killed: 1 s CPU ceiling";
  const CycleRecord spinning = Run("while :; do :; done", unreachable, one_second);
  EXPECT_THAT(spinning.overruns, ElementsAre(overrun));
  EXPECT_GE(spinning.cpu_ms, 100u);
  EXPECT_THAT(Run("true", unreachable).overruns, ElementsAre(overrun));
  EXPECT_THAT(Run("true", good_uplink_).overruns, IsEmpty());
}

TEST_F(Cycle, CollectionThatFailsStillLetsTheUplinkCheckIn) {
  const CycleRecord record = Run("exit 5", good_uplink_);
  EXPECT_TRUE(record.CheckedIn());
  EXPECT_THAT(record.warnings, ElementsAre("collection ended with exit code 5"));
}

TEST_F(Cycle, UplinkWithoutAnAnswerIsAFailure) {
  EXPECT_THAT(Run("true", "exit 5").message, HasSubstr("exit code 5"));
  EXPECT_THAT(Run("true", "kill -9 $$").message, HasSubstr("signal 9"));
  EXPECT_THAT(Run("true", "cat > /dev/null; echo junk").message, HasSubstr("answer of the uplink:"));
}

TEST_F(Cycle, ProgramsThatAreMissingAreAFailureWithTheirName) {
  const CyclePrograms programs{{"/nonexistent/daicho-agent"}, {"/nonexistent/daicho-uplink"}, Limits(), Limits()};
  const auto record = RunOneCycle(folder_.state, programs, clock_);
  ASSERT_TRUE(record);
  EXPECT_FALSE(record->CheckedIn());
  EXPECT_THAT(record->message, HasSubstr("the uplink did not start"));
  EXPECT_THAT(record->warnings, ElementsAre(HasSubstr("daicho-uplink"), HasSubstr("daicho-agent")));
}

TEST_F(Cycle, DoesNotRunTwiceAtOnce) {
  const auto lock = StateLock::Take(folder_.state);
  const CyclePrograms programs{Shell("true"), Shell(good_uplink_), Limits(), Limits()};
  EXPECT_EQ(RunOneCycle(folder_.state, programs, clock_).error().code, Code::kFailedPrecondition);
}

// Also a bug found: SIGCHLD interrupted the wait for a killed child, which stayed behind.
// The resident agent of this test ends itself: its uplink sends SIGTERM to the parent and then hangs.
TEST_F(Cycle, OfAResidentAgentEndsAtOnceAtSigterm) {
  ChildLimits limits = Limits();
  const CyclePrograms programs{Shell("sleep 1000"), Shell("kill -TERM " + std::to_string(::getpid()) + "; sleep 1000"),
                               limits, limits};
  const auto start = std::chrono::steady_clock::now();
  const auto done = RunResident({folder_.state, programs, {.start_delay_seconds = 0}}, clock_);
  EXPECT_TRUE(done);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
  EXPECT_TRUE(StateLock::Take(folder_.state));
}

TEST(Summary, SaysWhatAPersonMustKnow) {
  CycleRecord record;
  record.sections_sent = {"software"};
  record.cpu_ms = 21;
  record.overruns = {"collection killed: 10 s CPU ceiling"};
  record.next_at = 1'800'000'000;
  EXPECT_EQ(Summary(record),
            "checked in, 1 sections sent, 21 ms CPU; collection killed: 10 s CPU ceiling; next 2027-01-15T08:00:00Z");
  record.code = 14;
  record.message = "cannot reach";
  EXPECT_THAT(Summary(record), HasSubstr("no check-in: cannot reach"));
}

}  // namespace
}  // namespace daicho::agent

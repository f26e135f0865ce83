// Which machine is the device when several have its key (device_line.h): the judgement alone, then whole stories told
// to a store.
#include "collector/store/device_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr UnixTime kHour = 3600;
constexpr std::int64_t kHold = 24 * kHour;

v1::DeviceLine Line(const std::string& continuation, const std::string& instance, const std::string& machine = "",
                    const std::string& hardware = "") {
  v1::DeviceLine line;
  line.set_continuation(continuation);
  line.set_instance(instance);
  line.set_machine_id(machine);
  line.set_hardware_id(hardware);
  return line;
}

struct JudgeCase {
  const char* name;
  v1::DeviceLine said;
  LineJudgement expected;
};

class JudgeLineTest : public ::testing::TestWithParam<JudgeCase> {};

TEST_P(JudgeLineTest, AgainstTheDeviceThatCheckedInLast) {
  const HeldLine held{.continuation = "c2",
                      .presented = "c1",
                      .instance = "start-1",
                      .machine_id = "m1",
                      .hardware_id = "h1",
                      .last_seen = kStart};
  EXPECT_EQ(JudgeLine(held, GetParam().said), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, JudgeLineTest,
    ::testing::Values(
        JudgeCase{"TheNextCheckIn", Line("c2", "start-1", "m1", "h1"), LineJudgement::kGoesOn},
        JudgeCase{"TheNextAfterARestart", Line("c2", "start-2", "m1", "h1"), LineJudgement::kGoesOn},
        JudgeCase{"TheAnswerWasLost", Line("c1", "start-1", "m1", "h1"), LineJudgement::kRepeats},
        JudgeCase{"AnOlderSnapshotOnTheSameMachine", Line("c1", "start-2", "m1", "h1"), LineJudgement::kDoubtful},
        JudgeCase{"AMuchOlderSnapshot", Line("c0", "start-1", "m1", "h1"), LineJudgement::kDoubtful},
        JudgeCase{"ACloneWithAMachineIdOfItsOwn", Line("c2", "start-2", "m2", "h1"), LineJudgement::kDoubtful},
        JudgeCase{"ACloneOnOtherHardware", Line("c2", "start-2", "m1", "h2"), LineJudgement::kDoubtful},
        JudgeCase{"IdsThatCannotBeReadSayNothing", Line("c2", "start-2"), LineJudgement::kGoesOn},
        JudgeCase{"ContinuationThatCannotBeKept", Line("", "start-1", "m1", "h1"), LineJudgement::kDoubtful}),
    [](const auto& of_case) { return std::string(of_case.param.name); });

TEST(IsOfLine, OnlyWhoHasTheLastAnswer) {
  HeldLine held{.continuation = "c2", .presented = "c1", .instance = "start-1", .machine_id = "", .hardware_id = ""};
  EXPECT_TRUE(IsOfLine(held, "c2"));
  EXPECT_FALSE(IsOfLine(held, "c1"));
  EXPECT_FALSE(IsOfLine(held, ""));
  held.instance.clear();
  EXPECT_TRUE(IsOfLine(held, "")) << "a client that keeps no continuation";
}

// A machine with the device's key. It keeps what the collector said last, as an agent's state folder does.
struct Machine {
  std::string id;
  std::string instance;
  std::string continuation;
  std::string serial = {};  // of its certificate; empty: that of the enrolment
};

class DeviceLineTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    EnrolDevice(store(), kId, "ward-3-pc", kStart);
  }

  CheckInAnswer CheckInOf(Machine& machine, UnixTime at) {
    CheckInToDo to_do = NewCheckIn(kId, at);
    *to_do.request->mutable_line() = Line(machine.continuation, machine.instance, machine.id);
    to_do.request->mutable_line()->set_hostname("name-of-" + machine.id);
    to_do.write.from = "192.0.2.7";
    if (!machine.serial.empty()) to_do.write.caller_serial = machine.serial;
    to_do.write.hold_seconds = kHold;
    to_do.write.new_continuation = "given-" + std::to_string(++given_);
    const auto done = CommitOne(store(), std::move(to_do.write));
    if (!done.result) throw std::runtime_error(done.result.error().message);
    if (!done.result->continuation.empty()) machine.continuation = done.result->continuation;
    return *done.result;
  }

  // Reports one row of section os as this machine; true: it was taken.
  bool ReportOf(const Machine& machine, UnixTime at) {
    ReportToDo to_do = NewReport(kId, at);
    to_do.request->set_continuation(machine.continuation);
    v1::SectionDelta& delta = *to_do.request->add_sections();
    MakeFull({OsRow("name-of-" + machine.id)}, delta);
    delta.set_name("os");
    delta.set_status(v1::OK);
    const auto done = CommitOne(store(), std::move(to_do.write));
    return done.result.has_value() && done.result->front().outcome() == v1::APPLIED;
  }

  std::vector<std::vector<std::string>> Claims() {
    return Ask(store(), "SELECT machine_id, claimed_hostname, address, state FROM device_claim ORDER BY machine_id");
  }

  const std::string kId = DeviceId(1);
  int given_ = 0;
};

TEST_P(DeviceLineTest, OneMachineGoesOnForEver) {
  Machine original{"m1", "start-1", ""};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(CheckInOf(original, kStart + i * kHour).line, DeviceLine::kKnown);
    EXPECT_TRUE(ReportOf(original, kStart + i * kHour));
  }
  EXPECT_THAT(Claims(), IsEmpty());
}

TEST_P(DeviceLineTest, CloneWithAnotherMachineIdNeverWritesAnything) {
  Machine original{"m1", "start-1", ""};
  CheckInOf(original, kStart);
  ReportOf(original, kStart);
  Machine clone{"m2", "start-2", original.continuation};
  EXPECT_EQ(CheckInOf(clone, kStart + kHour).line, DeviceLine::kHeld);
  EXPECT_EQ(CheckInOf(original, kStart + 2 * kHour).line, DeviceLine::kKnown);
  EXPECT_EQ(CheckInOf(clone, kStart + 3 * kHour).line, DeviceLine::kCopy);
  EXPECT_FALSE(ReportOf(clone, kStart + 3 * kHour));
  EXPECT_EQ(AskOne(store(), "SELECT hostname FROM device"), "name-of-m1");
  EXPECT_THAT(Claims(), ElementsAre(ElementsAre("m2", "name-of-m2", "192.0.2.7", "copy")));
}

// The copy was made between the renewal and the first use of the new certificate.
TEST_P(DeviceLineTest, CloneDoesNotMakeTheOriginalsCertificateAnOldOne) {
  Machine original{"m1", "start-1", ""};
  CheckInOf(original, kStart);
  RenewWrite renewal;
  renewal.device_id = kId;
  renewal.caller_serial = SerialOf(kId);
  renewal.certificate_serial = "renewed";
  renewal.certificate_not_after = kStart + 100 * kDay;
  renewal.continuation = original.continuation;
  renewal.at = kStart;
  ASSERT_TRUE(CommitOne(store(), renewal).result);
  Machine clone{"m2", "start-2", original.continuation, "renewed"};
  EXPECT_EQ(CheckInOf(clone, kStart + kHour).line, DeviceLine::kHeld);
  EXPECT_EQ(CheckInOf(original, kStart + 2 * kHour).line, DeviceLine::kKnown);
  original.serial = "renewed";
  EXPECT_EQ(CheckInOf(original, kStart + 3 * kHour).line, DeviceLine::kKnown);
  original.serial.clear();
  EXPECT_THROW(CheckInOf(original, kStart + 4 * kHour), std::runtime_error) << "the new one has been used by now";
}

// Two disks of one image without the machine's ids: whoever speaks first after the copy is the device, for good.
TEST_P(DeviceLineTest, CloneThatLooksTheSameIsFoundByTheConversation) {
  Machine original{"", "start-1", ""};
  CheckInOf(original, kStart);
  Machine clone{"", "start-2", original.continuation};
  EXPECT_EQ(CheckInOf(original, kStart + kHour).line, DeviceLine::kKnown);
  EXPECT_EQ(CheckInOf(clone, kStart + 2 * kHour).line, DeviceLine::kHeld);
  EXPECT_FALSE(ReportOf(clone, kStart + 2 * kHour));
  EXPECT_EQ(CheckInOf(original, kStart + 3 * kHour).line, DeviceLine::kKnown);
  EXPECT_TRUE(ReportOf(original, kStart + 3 * kHour));
  EXPECT_EQ(CheckInOf(clone, kStart + 4 * kHour).line, DeviceLine::kCopy);
}

TEST_P(DeviceLineTest, RestoredBackupIsHeldAndThenGoesOn) {
  Machine original{"m1", "start-1", ""};
  CheckInOf(original, kStart);
  const Machine backup = original;
  CheckInOf(original, kStart + kHour);
  Machine restored = backup;
  restored.instance = "start-2";
  const CheckInAnswer held = CheckInOf(restored, kStart + 2 * kHour);
  EXPECT_EQ(held.line, DeviceLine::kHeld);
  EXPECT_EQ(held.held_until, kStart + 2 * kHour + kHold);
  EXPECT_THAT(Claims(), ElementsAre(ElementsAre("m1", "name-of-m1", "192.0.2.7", "held")));
  EXPECT_EQ(CheckInOf(restored, kStart + 10 * kHour).held_until, held.held_until);
  EXPECT_EQ(CheckInOf(restored, kStart + 2 * kHour + kHold).line, DeviceLine::kTakenOver);
  EXPECT_TRUE(ReportOf(restored, kStart + 2 * kHour + kHold));
  EXPECT_THAT(Claims(), IsEmpty());
  EXPECT_EQ(CheckInOf(restored, kStart + 3 * kHour + kHold).line, DeviceLine::kKnown);
}

// The ledger of an earlier day is put back: everybody is ahead of it.
TEST_P(DeviceLineTest, DeviceGoesOnAtOnceWithALedgerThatWasRestored) {
  Machine original{"m1", "start-1", ""};
  CheckInOf(original, kStart);
  Machine ahead{"m1", "start-2", "given-by-the-ledger-that-was-lost"};
  Machine clone{"m2", "start-3", ahead.continuation};
  EXPECT_EQ(CheckInOf(clone, kStart + kHour).line, DeviceLine::kHeld);
  ASSERT_TRUE(CommitOne(store(), ForgetLinesWrite{}).result);
  EXPECT_THAT(Claims(), IsEmpty());
  EXPECT_FALSE(ReportOf(ahead, kStart + 2 * kHour)) << "it checks in first";
  EXPECT_EQ(CheckInOf(clone, kStart + 2 * kHour).line, DeviceLine::kHeld) << "the machine's ids are not forgotten";
  EXPECT_EQ(CheckInOf(ahead, kStart + 3 * kHour).line, DeviceLine::kKnown);
  EXPECT_TRUE(ReportOf(ahead, kStart + 3 * kHour));
  EXPECT_EQ(CheckInOf(ahead, kStart + 4 * kHour).line, DeviceLine::kKnown);
  EXPECT_EQ(CheckInOf(clone, kStart + 5 * kHour).line, DeviceLine::kCopy);
}

TEST_P(DeviceLineTest, LostAnswerIsGivenAgain) {
  Machine original{"m1", "start-1", ""};
  CheckInOf(original, kStart);
  Machine deaf = original;
  CheckInOf(deaf, kStart + kHour);  // the answer does not arrive: `original` still has the one before
  EXPECT_EQ(CheckInOf(original, kStart + kHour + 5).line, DeviceLine::kKnown);
  EXPECT_EQ(original.continuation, deaf.continuation);
  EXPECT_TRUE(ReportOf(original, kStart + kHour + 5));
}

TEST_P(DeviceLineTest, ManyMadeUpMachinesLeaveEightClaims) {
  Machine original{"m1", "start-1", ""};
  CheckInOf(original, kStart);
  for (int i = 0; i < 50; ++i) {
    Machine liar{"made-up-" + std::to_string(i), "start-9", ""};
    CheckInOf(liar, kStart + 10 + i);
  }
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM device_claim"), "8");
  EXPECT_EQ(CheckInOf(original, kStart + kHour).line, DeviceLine::kKnown);
}

INSTANTIATE_TEST_SUITE_P(Stores, DeviceLineTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing

// What the agent keeps on disk: cut, damaged, newer, or half enrolled.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "agent/cycle/cycle_record.h"
#include "agent/identity/identity.h"
#include "agent/identity/row_file.h"
#include "common/files.h"
#include "common/json.h"
#include "common/x509.h"
#include "tests/agent/runtime/state_folder.h"

namespace daicho::agent {
namespace {

using testing::HasSubstr;

struct BadConfig {
  const char* name;
  const char* text;
  const char* message;
  Code code = Code::kInvalidArgument;
};

class ConfigRefused : public testing::TestWithParam<BadConfig> {};

TEST_P(ConfigRefused, WithPlaceAndWhatToDo) {
  const auto config = ParseConfig(GetParam().text, "agent.toml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, GetParam().code);
  EXPECT_THAT(config.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Files, ConfigRefused,
    testing::Values(BadConfig{"empty", "", "schema is missing"}, BadConfig{"not_toml", "schema = = 1", "agent.toml:1:"},
                    BadConfig{"newer_schema", "schema = 2", "newer agent", Code::kFailedPrecondition},
                    BadConfig{"no_collector", "schema = 1", "names no collector"},
                    BadConfig{"collectors_not_a_list", "schema = 1\ncollectors = \"a:1\"", "agent.toml:2:"},
                    BadConfig{"collector_not_a_string", "schema = 1\ncollectors = [7]", "agent.toml:2:15"},
                    BadConfig{"no_port", "schema = 1\ncollectors = [\"host\"]", "'host' is not HOST:PORT"},
                    BadConfig{"port_too_large", "schema = 1\ncollectors = [\"h:65536\"]", "is not HOST:PORT"},
                    BadConfig{"bare_ipv6", "schema = 1\ncollectors = [\"2001:db8::1:443\"]", "[ADDRESS]:PORT"},
                    BadConfig{"unknown_key", "schema = 1\ncolectors = [\"a:1\"]", "agent.toml:2:13: unknown key"}),
    [](const auto& test) { return test.param.name; });

TEST(Config, RoundTrips) {
  const AgentConfig config{{"collector.example:7443", "[2001:db8::1]:7443"}};
  const auto read = ParseConfig(FormatConfig(config), "agent.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->collectors, config.collectors);
}

TEST(RowFile, RoundTripsWithItsDigest) {
  const Rows rows = {"", "a", std::string(300, 'b')};
  const auto file = ParseRowFile(FormatRowFile(1'700'000'000, rows), "x.rows");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->rows, rows);
  EXPECT_EQ(file->time, 1'700'000'000);
  EXPECT_EQ(file->digest, DigestRows(rows));
}

TEST(RowFile, CutAtAnyByteIsFoundOut) {
  const std::string whole = FormatRowFile(1, {"one", "two"});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto file = ParseRowFile(whole.substr(0, size), "x.rows");
    ASSERT_FALSE(file) << size;
    EXPECT_THAT(file.error().message, HasSubstr("x.rows")) << size;
  }
}

TEST(RowFile, AnyChangedByteOfTheRowsIsFoundOut) {
  const std::string whole = FormatRowFile(1, {"one", "two"});
  for (std::size_t i = whole.size() - 14; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(ParseRowFile(damaged, "x.rows")) << i;
  }
}

TEST(RowFile, OfANewerAgentIsToldApartFromDamage) {
  const auto newer = ParseRowFile("daicho rows 2\nwhatever", "x.rows");
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(ParseRowFile("something else", "x.rows").error().code, Code::kDataLoss);
}

TEST(CycleRecord, RoundTripsWithQuotesAndJapanese) {
  CycleRecord record;
  record.started_at = 1'700'000'000;
  record.code = 14;
  record.message = "a \"quoted\" \\ 日本語";
  record.cpu_ms = 4'000'000'000;
  record.sections_sent = {"software", "accounts"};
  record.overruns = {"collection killed: 10 s CPU ceiling"};
  record.sections = {{"software", "OK", 7, "APPLIED", ""}, {"os", "FAILED", 0, "NOT_SENT", "why"}};
  const std::string text = FormatCycleRecord(record);
  const auto read = ParseCycleRecord(text, "last_cycle.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(FormatCycleRecord(*read), text);
  EXPECT_EQ(read->message, record.message);
  EXPECT_EQ(read->cpu_ms, 4'000'000'000);
  ASSERT_EQ(read->sections.size(), 2u);
  EXPECT_EQ(read->sections[1].message, "why");
}

TEST(CycleRecord, OfWrongTypesNamesThePlace) {
  for (const char* text :
       {"cpu_ms = \"x\"", "cpu_ms = -1", "message = 3", "overruns = [1]", "section = 1", "\n[[section]]\nrows = 1.5"}) {
    const auto read = ParseCycleRecord(text, "last_cycle.toml");
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr("last_cycle.toml:")) << text;
  }
}

// Both found by fuzzing: toml++ ran into its own assertion, and into a line it calls unreachable.
TEST(CycleRecord, TableHeaderThatIsNoneIsAnErrorAndNotAnAbort) {
  EXPECT_FALSE(ParseCycleRecord("message = \"x\"\n[[= 14\nmessage = \"x\"\n[[s\n", "last_cycle.toml"));
}

TEST(CycleRecord, LetterThatIsNotAsciiOutsideOfAStringIsAnErrorWithItsPlace) {
  const auto read = ParseCycleRecord("c\u0291 = 1", "last_cycle.toml");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("last_cycle.toml:1:2"));
}

TEST(Config, MayHaveCommentsInJapanese) {
  EXPECT_TRUE(ParseConfig("schema = 1 # 病院\ncollectors = [\"h:1\"]\n", "agent.toml"));
}

TEST(CycleRecord, JsonHasTheFieldsThatScriptsRead) {
  CycleRecord record;
  record.sections_sent = {"software"};
  record.bytes_out = 12;
  record.sections = {{"software", "OK", 7, "APPLIED", ""}};
  EXPECT_EQ(CycleRecordJson(record),
            "{\"result\":\"checked in\",\"sections_sent\":[\"software\"],\"bytes_out\":12,\"bytes_in\":0,\"cpu_ms\":0,"
            "\"peak_rss_kib\":0,\"overruns\":[],\"warnings\":[],\"sections\":[{\"name\":\"software\",\"status\":\"OK\","
            "\"rows\":7,\"outcome\":\"APPLIED\"}]}");
}

class Enrolment : public testing::Test {
 protected:
  Enrolment() : authority_(*NewAuthority("test", 0, 4'000'000'000)) {}

  Identity NewIdentity() const {
    Identity identity;
    identity.device_id = RandomHex(16);
    identity.private_key_pem = *NewPrivateKey();
    const CertificateSpec spec{.common_name = "device",
                               .identity_uri = "daicho://device/" + identity.device_id,
                               .dns_names = {},
                               .ip_addresses = {},
                               .server = false,
                               .not_before = 1000,
                               .not_after = 4'000'000'000};
    identity.certificate_pem = *SignKey(authority_, identity.private_key_pem, spec);
    identity.authority_pem = authority_.certificate_pem;
    return identity;
  }

  CertificateAuthority authority_;
  StateFolder folder_;
};

TEST_F(Enrolment, IsLoadedAsItWasSavedAndTheKeyIsPrivate) {
  const Identity identity = NewIdentity();
  ASSERT_TRUE(PrepareEnrolment(folder_.state, false));
  ASSERT_TRUE(SaveEnrolment(folder_.state, identity, {{"h:1"}}));
  const auto loaded = LoadIdentity(folder_.state);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->device_id, identity.device_id);
  EXPECT_EQ(loaded->private_key_pem, identity.private_key_pem);
  EXPECT_EQ(loaded->not_after, 4'000'000'000);
  struct stat info{};
  ASSERT_EQ(::stat(folder_.state.Key().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
}

TEST_F(Enrolment, IsNotRepeatedWithoutForce) {
  ASSERT_TRUE(SaveEnrolment(folder_.state, NewIdentity(), {{"h:1"}}));
  const auto again = PrepareEnrolment(folder_.state, false);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kAlreadyExists);
  EXPECT_THAT(again.error().message, HasSubstr("--force"));
  EXPECT_TRUE(PrepareEnrolment(folder_.state, true));
}

TEST_F(Enrolment, WithForceReplacesIdentityAndCollectorsTogether) {
  ASSERT_TRUE(SaveEnrolment(folder_.state, NewIdentity(), {{"old:1"}}));
  const Identity second = NewIdentity();
  ASSERT_TRUE(SaveEnrolment(folder_.state, second, {{"new:2"}}));
  EXPECT_EQ(LoadIdentity(folder_.state)->device_id, second.device_id);
  EXPECT_EQ(LoadConfig(folder_.state)->collectors, std::vector<std::string>{"new:2"});
  EXPECT_FALSE(std::filesystem::exists(folder_.state.IdentityFolder() + ".new"));
}

TEST_F(Enrolment, MissingIsSaidWithTheNextStep) {
  for (const Error& error : {LoadIdentity(folder_.state).error(), LoadConfig(folder_.state).error()}) {
    EXPECT_EQ(error.code, Code::kFailedPrecondition);
    EXPECT_THAT(error.message, HasSubstr("daicho-agent enrol"));
  }
}

TEST_F(Enrolment, CertificateThatNamesNoDeviceIsRefused) {
  ASSERT_TRUE(SaveEnrolment(folder_.state, NewIdentity(), {{"h:1"}}));
  ASSERT_TRUE(WriteFileAtomically(folder_.state.Certificate(), authority_.certificate_pem));
  EXPECT_EQ(LoadIdentity(folder_.state).error().code, Code::kDataLoss);
  ASSERT_TRUE(WriteFileAtomically(folder_.state.Certificate(), "junk"));
  EXPECT_THAT(LoadIdentity(folder_.state).error().message, HasSubstr("enrol --force"));
}

TEST(StateLock, IsHeldByOneCycleAtATime) {
  const StateFolder folder;
  {
    const auto first = StateLock::Take(folder.state);
    ASSERT_TRUE(first);
    EXPECT_EQ(StateLock::Take(folder.state).error().code, Code::kFailedPrecondition);
  }
  EXPECT_TRUE(StateLock::Take(folder.state));
}

TEST(Leftovers, OfAKilledProcessAreRemovedAndNothingElse) {
  const StateFolder folder;
  const std::string leftover = folder.state.Evidence() + ".aB3xYz";
  const std::string kept = folder.state.Folder() + "/notes.backup";
  for (const std::string& path : {leftover, kept, folder.state.Evidence()}) ASSERT_TRUE(WriteFileAtomically(path, "x"));
  RemoveLeftovers(folder.state);
  EXPECT_FALSE(std::filesystem::exists(leftover));
  EXPECT_TRUE(std::filesystem::exists(kept));
  EXPECT_TRUE(std::filesystem::exists(folder.state.Evidence()));
}

}  // namespace
}  // namespace daicho::agent

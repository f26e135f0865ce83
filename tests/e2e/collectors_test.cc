// Two collectors on one PostgreSQL ledger.
#include <csignal>
#include <filesystem>

#include "tests/e2e/site.h"
#include "tests/postgres/test_database.h"

namespace daicho::e2e {
namespace {

class Collectors : public Site {
 protected:
  void SetUp() override {
    ASSERT_EQ(Collector({"init", "--state", State(), "--store", database_.url()}).exit_code, 0);
    StartCollector();
    const Outcome joined = Collector({"init", "--state", Second(), "--join", State()});
    ASSERT_EQ(joined.exit_code, 0) << joined.err;
    StartSecond();
  }
  void TearDown() override {
    if (second_.Running()) second_.Stop(SIGKILL);
    Site::TearDown();
  }

  void StartSecond() {
    second_ =
        Background(Command("daicho-collector", {"run", "--state", Second()}), ClockEnvironment(), Path("second.log"));
    ASSERT_TRUE(WaitUntil([&] { return std::filesystem::exists(Second() + "/endpoints.json") || !second_.Running(); }));
    ASSERT_TRUE(second_.Running()) << ReadText(Path("second.log"));
  }
  std::string Second() const { return Path("second"); }
  std::string SecondEndpoint() const {
    std::string text = ReadText(Second() + "/endpoints.json");
    std::erase(text, '\n');
    return Text(Outcome{0, text, ""}.Lines().at(0), "agent");
  }
  std::string VersionAt(const std::string& state) const {
    const Outcome outcome =
        Execute(Command("daicho", {"--profile", state + "/admin/profile.toml", "software", "openssl", "--json"}), {});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto lines = outcome.Lines();
    return lines.size() == 1 ? Text(lines[0], "version") : std::to_string(lines.size()) + " rows";
  }

  const testing_postgres::TestDatabase database_;
  Background second_;
};

TEST_F(Collectors, AgentGoesOnWithTheOtherOneAndBothTellTheSame) {
  const Machine ward(*this, "ward");
  ward.SetPackages({{"openssl", "3.0.11-1"}});
  const Outcome enrolled = ward.Enrol(NewToken(), {"--collector", SecondEndpoint()});
  ASSERT_EQ(enrolled.exit_code, 0) << enrolled.err;
  ward.CycleReport();
  EXPECT_EQ(VersionAt(State()), "3.0.11-1");
  EXPECT_EQ(VersionAt(Second()), "3.0.11-1");

  KillCollector();
  ward.SetPackages({{"openssl", "3.0.17-1"}});
  const Json report = ward.CycleReport();
  EXPECT_EQ(Texts(report, "sections_sent"), std::vector<std::string>{"software"});
  EXPECT_EQ(VersionAt(Second()), "3.0.17-1");

  StartCollector();
  ward.CycleReport();
  EXPECT_EQ(VersionAt(State()), "3.0.17-1");
  EXPECT_EQ(second_.Stop(SIGTERM), 0);
}

// Each has the same [[export]], and a folder of its own so that it shows who wrote.
TEST_F(Collectors, SweepsAndExportsAreDoneByOneAndByTheOtherWhenItStops) {
  const auto add_export = [&](const std::string& state) {
    std::filesystem::create_directory(state + "/out");
    const std::string config = state + "/collector.toml";
    WriteText(config, ReadText(config) + "\n[[export]]\nname = \"nightly\"\nwhat = \"accounts\"\nformat = \"csv\"\n" +
                          "lang = \"ja\"\nfolder = \"" + state + "/out\"\nschedule = \"daily 02:00 Asia/Tokyo\"\n");
  };
  const auto written = [](const std::string& state) {
    return std::distance(std::filesystem::directory_iterator(state + "/out"), {});
  };
  const auto ask = [&](const std::string& state, const std::string& sql) {
    const Outcome outcome = Execute(
        Command("daicho", {"--profile", state + "/admin/profile.toml", "query", sql, "--json"}), ClockEnvironment());
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto lines = outcome.Lines();
    return lines.size() == 1 ? Text(lines[0], "it") : "";
  };
  const Machine ward(*this, "ward");
  ward.SetPackages({{"openssl", "3.0.11-1"}});
  ward.AddAccount("second-root", 0, "$6$x$y");
  ASSERT_EQ(ward.Enrol(NewToken()).exit_code, 0);
  ward.CycleReport();
  for (const std::string& state : {State(), Second()}) add_export(state);
  for (const int days : {0, 5}) {
    StopCollector();
    ASSERT_EQ(second_.Stop(SIGTERM), 0);
    ShiftClock(days * 86'400L);
    StartCollector();
    StartSecond();
    // The first entry says when the schedule was first seen.
    const std::string entries = days == 0 ? "1" : "2";
    ASSERT_TRUE(WaitUntil([&] { return ask(State(), "SELECT count(*) AS it FROM export_run") == entries; })) << days;
  }
  const bool first_leads = written(State()) == 1;
  const std::string other = first_leads ? Second() : State();
  EXPECT_EQ(written(other), first_leads ? 0 : 1);
  EXPECT_EQ(written(State()) + written(Second()), 1);

  const auto leads = [&](const std::string& log) {
    const std::string said = ReadText(Path(log));
    return said.substr(said.rfind("collector ready")).find("this collector does the sweeps") != std::string::npos;
  };
  EXPECT_EQ(leads("collector.log"), first_leads);
  EXPECT_EQ(leads("second.log"), !first_leads);

  const char* const kLastSweep = "SELECT max(last_seen) AS it FROM finding WHERE status = 'open'";
  const std::string before = ask(other, kLastSweep);
  ASSERT_NE(before, "");
  if (first_leads) {
    StopCollector();
  } else {
    EXPECT_EQ(second_.Stop(SIGTERM), 0);
  }
  // What is due, sweep or export, is found in the same look.
  EXPECT_TRUE(WaitUntil([&] { return ask(other, kLastSweep) > before; }, std::chrono::seconds(60)));
  if (first_leads) {
    EXPECT_EQ(second_.Stop(SIGTERM), 0);
  } else {
    StopCollector();
  }
  EXPECT_EQ(written(State()) + written(Second()), 1) << "it was written already";
}

TEST_F(Collectors, TokenOfOneIsGoodAtTheOtherOnce) {
  const Machine ward(*this, "ward");
  ward.SetPackages({{"openssl", "3.0.11-1"}});
  const std::string token = NewToken();
  KillCollector();
  const Outcome enrolled = ward.Enrol(token, {"--collector", SecondEndpoint()});
  EXPECT_EQ(enrolled.exit_code, 0) << enrolled.err;
  StartCollector();
  const Machine other(*this, "other");
  other.SetPackages({{"openssl", "3.0.11-1"}});
  EXPECT_EQ(other.Enrol(token).exit_code, 4);
}

TEST_F(Collectors, ThirdOneJoinsByABackupOfTheFirst) {
  const std::string file = Path("first.tar.zst");
  ASSERT_EQ(Collector({"backup", "--state", State(), file}).exit_code, 0);
  const std::string third = Path("third");
  const Outcome joined = Collector({"init", "--state", third, "--join", file});
  ASSERT_EQ(joined.exit_code, 0) << joined.err;
  EXPECT_EQ(ReadText(third + "/ca.pem"), ReadText(State() + "/ca.pem"));
  EXPECT_NE(ReadText(third + "/collector.toml").find(database_.url()), std::string::npos);
  for (const auto& entry : std::filesystem::directory_iterator(third)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("join")) << entry.path();
  }
}

TEST_F(Collectors, LedgerOfAnotherAuthorityIsNotTaken) {
  const Outcome refused = Collector({"init", "--state", Path("third"), "--store", database_.url()});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_NE(refused.err.find("--join"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(Path("third")));
}

TEST_F(Collectors, FileThatIsNoBackupIsNotJoined) {
  WriteText(Path("notes.txt"), "not a backup");
  const Outcome refused = Collector({"init", "--state", Path("third"), "--join", Path("notes.txt")});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_NE(refused.err.find("notes.txt"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(Path("third/collector.toml")));
}

TEST_F(Collectors, LedgerInAFileIsForOneCollector) {
  const std::string single = Path("single");
  ASSERT_EQ(Collector({"init", "--state", single}).exit_code, 0);
  const Outcome refused = Collector({"init", "--state", Path("third"), "--join", single});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_NE(refused.err.find("migrate-store"), std::string::npos) << refused.err;
  const std::string file = Path("single.tar.zst");
  ASSERT_EQ(Collector({"backup", "--state", single, file}).exit_code, 0);
  EXPECT_EQ(Collector({"init", "--state", Path("third"), "--join", file}).exit_code, 4);
  EXPECT_FALSE(std::filesystem::exists(Path("third/collector.toml")));
}

}  // namespace
}  // namespace daicho::e2e

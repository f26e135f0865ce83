// Commands as scripts use them: what is asked, the JSON printed, the exit code.
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "tests/collector/ctl/daicho_fixture.h"

namespace daicho::collector {
namespace {

class Daicho : public DaichoFixture {};

TEST_F(Daicho, WrongCommandLinesExitWith2AndSayWhere) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"token"},
      {"nonsense"},
      {"devices", "--no-such-option"},
      {"show"},
      {"show", "a", "b"},
      {"findings", "--status", "closed"},
      {"findings", "--fail-on", "severe"},
      {"devices", "--lang", "fr"},
      {"query"},
      {"query", "SELECT 1", "--limit", "61"},
      {"query", "SELECT 1", "--limit", "0"},
      {"query", "SELECT 1", "--max-rows", "-1"},
      {"export", "--what", "ledger"},
      {"export", "--what", "secrets", "--format", "csv"},
      {"revoke", "pc-1"},
      {"token", "create", "--valid", "forever"},
      {"token", "create", "--count", "0"},
      {"token", "create", "--count", "10001"},
      {"token", "create", "--count", "2", "--device", "0123"},
      {"waive", "f1"},
      {"waive", "f1", "--reason", "r"},
      {"waive", "f1", "--reason", "r", "--until", "2020-01-01"},
      {"waive", "f1", "--end", "--until", "2027-01-01"},
      {"--profile", "/nonexistent", "devices"},
      {"software", ""},
      {"software", "openssl", "--below", ""},
      {"show", "pc-1", "--at", ""},
      {"software", "openssl", "--below", "1\xff"},
  };
  for (const auto& arguments : wrong) {
    EXPECT_EQ(Run(arguments), 2) << ::testing::PrintToString(arguments);
    EXPECT_TRUE(err_.starts_with("daicho: ")) << err_;
    EXPECT_EQ(out_, "");
  }
}

TEST_F(Daicho, HelpSaysWhatNothingFoundIs) {
  const std::pair<const char*, const char*> cases[] = {
      {"devices", "An empty list is exit code 0."},
      {"show", "No such device is exit code 1."},
      {"software", "exit code 1 with name, --below or --device, and 0 without"},
      {"accounts", "exit code 1 with --device, and 0 without"},
      {"findings", "No finding is exit code 0; 1 is an open finding of --fail-on"},
      {"waive", "No such finding is exit code 1."},
      {"checklist", "An empty list is exit code 0."},
      {"revoke", "No such device is exit code 1."},
      {"query", "No row is exit code 0"},
      {"exports", "An empty list is exit code 0."},
      {"health", "a ledger that takes no writes 1, cannot reach 3"}};
  for (const auto& [command, words] : cases) {
    EXPECT_EQ(Run({command, "--help"}), 0);
    EXPECT_NE(out_.find(words), std::string::npos) << out_;
  }
}

TEST_F(Daicho, NameInCapitalsThatNobodyHasIsNotAnAllClear) {
  EXPECT_EQ(Run({"software", "OpenSSL", "--below", "3.0.11"}), 1);
  EXPECT_NE(err_.find("is it 'openssl'?"), std::string::npos) << err_;
  EXPECT_EQ(Run({"software", "openssl", "--below", "3.0.11"}), 1);
  EXPECT_EQ(err_.find("is it"), std::string::npos) << err_;
}

TEST_F(Daicho, AnUnknownCommandIsNamed) {
  EXPECT_EQ(Run({"bogus"}), 2);
  EXPECT_TRUE(err_.starts_with("daicho: there is no command 'bogus'\n")) << err_;
  EXPECT_EQ(Run({"bogus", "--lang", "ja"}), 2);
  EXPECT_TRUE(err_.starts_with("daicho: 「bogus」というコマンドはありません。\n")) << err_;
  EXPECT_EQ(Run({"token", "bogus"}), 2);
  EXPECT_NE(err_.find("'bogus'"), std::string::npos) << err_;
  EXPECT_NE(err_.find("daicho token --help"), std::string::npos) << err_;
  EXPECT_EQ(Run({}), 2);
  EXPECT_TRUE(err_.starts_with("daicho: a command is needed\n")) << err_;
  EXPECT_EQ(Run({"devices", "bogus"}), 2);
  EXPECT_NE(err_.find("bogus"), std::string::npos) << err_;
  EXPECT_EQ(Run({"show", "--lang", "ja"}), 2);
  EXPECT_TRUE(err_.starts_with("daicho: 必要な引数またはオプションがありません: ")) << err_;
}

TEST_F(Daicho, EveryHelpHasAnExampleAndExitCodesInBothLanguages) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{{},
                                                                                       {"token"},
                                                                                       {"token", "create"},
                                                                                       {"devices"},
                                                                                       {"show"},
                                                                                       {"software"},
                                                                                       {"accounts"},
                                                                                       {"findings"},
                                                                                       {"waive"},
                                                                                       {"checklist"},
                                                                                       {"revoke"},
                                                                                       {"query"},
                                                                                       {"export"},
                                                                                       {"exports"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back("--help");
    EXPECT_EQ(Run(arguments), 0);
    EXPECT_NE(out_.find("Example: daicho "), std::string::npos) << out_;
    EXPECT_NE(out_.find("Exit codes: 0 done"), std::string::npos) << out_;
    arguments.insert(arguments.end(), {"--lang", "ja"});
    EXPECT_EQ(Run(arguments), 0);
    EXPECT_NE(out_.find("例: daicho "), std::string::npos) << out_;
    EXPECT_NE(out_.find("終了コード"), std::string::npos) << out_;
  }
}

TEST_F(Daicho, GlobalOptionsWorkBeforeAndAfterTheCommand) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--json", "token", "create"}, {"token", "--json", "create"}, {"token", "create", "--json"}}) {
    admin_.token = Parse<v1::CreateTokenResponse>("token: 'abc' expires_at { seconds: 1775088000 }");
    EXPECT_EQ(Run(arguments), 0) << err_;
    EXPECT_EQ(out_, "{\"token\":\"abc\",\"expires_at\":\"2026-04-02T00:00:00Z\"}\n");
  }
  EXPECT_EQ(Run({"--version"}), 0);
  EXPECT_EQ(out_, "daicho 9.9\n");
  EXPECT_EQ(Run({"devices", "--version"}), 0);
  EXPECT_EQ(out_, "daicho 9.9\n");
}

TEST_F(Daicho, TokenCreateSendsWhatWasAsked) {
  admin_.token.set_token("abc");
  EXPECT_EQ(Run({"token", "create", "--valid", "7d", "--device", "0123", "--note", "病棟3"}), 0) << err_;
  EXPECT_EQ(admin_.asked_token.valid_seconds(), 604800u);
  EXPECT_EQ(admin_.asked_token.device_id(), "0123");
  EXPECT_EQ(admin_.asked_token.note(), "病棟3");
  EXPECT_NE(out_.find("\nabc\n"), std::string::npos) << out_;
}

TEST_F(Daicho, ManyTokensAreOneALineAndNothingElse) {
  admin_.tokens = {Parse<v1::CreateTokenResponse>("token: 'abc' expires_at { seconds: 1775088000 }"),
                   Parse<v1::CreateTokenResponse>("token: 'def' expires_at { seconds: 1775088000 }")};
  EXPECT_EQ(Run({"token", "create", "--count", "2", "--valid", "7d", "--note", "病棟3"}), 0) << err_;
  EXPECT_EQ(admin_.asked_tokens.count(), 2u);
  EXPECT_EQ(admin_.asked_tokens.valid_seconds(), 604800u);
  EXPECT_EQ(admin_.asked_tokens.note(), "病棟3");
  EXPECT_EQ(out_, "abc\ndef\n");
  EXPECT_EQ(err_, "2 tokens, shown only once, valid until 2026-04-02 09:00.\n");
  EXPECT_EQ(Run({"token", "create", "--count", "2", "--json"}), 0) << err_;
  EXPECT_EQ(out_,
            "{\"token\":\"abc\",\"expires_at\":\"2026-04-02T00:00:00Z\"}\n"
            "{\"token\":\"def\",\"expires_at\":\"2026-04-02T00:00:00Z\"}\n");
  admin_.status = {grpc::StatusCode::UNIMPLEMENTED, ""};  // a collector that is older than this command
  EXPECT_NE(Run({"token", "create", "--count", "2"}), 0);
}

TEST_F(Daicho, TheEnrolCommandTakesTheTokenFromStandardInput) {
  admin_.token.set_token("abc");
  for (const char* language : {"ja", "en"}) {
    EXPECT_EQ(Run({"token", "create", "--lang", language}), 0) << err_;
    EXPECT_NE(out_.find("daicho-agent enrol --collector HOST:PORT --ca ca.pem --token - "), std::string::npos) << out_;
    EXPECT_EQ(out_.find("--token TOKEN"), std::string::npos) << out_;
  }
}

TEST_F(Daicho, DevicesAreOneObjectALine) {
  admin_.devices = {Parse<v1::Device>("device_id: 'd1' hostname: '検査室-PC1' status: 'active' software_count: 5"),
                    Parse<v1::Device>("device_id: 'd2' hostname: 'web' status: 'revoked'")};
  EXPECT_EQ(Run({"devices", "--json"}), 0) << err_;
  EXPECT_TRUE(out_.starts_with("{\"device_id\":\"d1\",\"hostname\":\"検査室-PC1\",\"status\":\"active\"")) << out_;
  EXPECT_NE(out_.find("}\n{\"device_id\":\"d2\""), std::string::npos) << out_;
}

TEST_F(Daicho, AccountFieldsStandBesideTheDevices) {
  admin_.accounts = {
      Parse<v1::AccountEntry>("device_id: 'd1' hostname: 'web' account { name: 'sato' uid: 1000 enabled: true "
                              "last_use { at { seconds: 1775001600 } source: 'lastlog' } }")};
  EXPECT_EQ(Run({"accounts", "--device", "web", "--all", "--json"}), 0) << err_;
  EXPECT_EQ(admin_.asked_accounts.device(), "web");
  EXPECT_TRUE(admin_.asked_accounts.all());
  EXPECT_EQ(out_,
            "{\"device_id\":\"d1\",\"hostname\":\"web\",\"name\":\"sato\",\"uid\":1000,\"enabled\":true,"
            "\"admin_by\":[],\"groups\":[],\"last_use\":{\"at\":\"2026-04-01T00:00:00Z\",\"source\":\"lastlog\"}}\n");
}

TEST_F(Daicho, SoftwareIsFilteredByTheCollector) {
  admin_.software = {Parse<v1::SoftwareEntry>("device_id: 'd1' hostname: 'web' name: 'openssl' version: '3.0.9'")};
  EXPECT_EQ(Run({"software", "openssl", "--below", "3.0.11", "--device", "web", "--json"}), 0) << err_;
  EXPECT_EQ(admin_.asked_software.name(), "openssl");
  EXPECT_EQ(admin_.asked_software.below(), "3.0.11");
  EXPECT_EQ(admin_.asked_software.device(), "web");
  EXPECT_NE(out_.find("\"name\":\"openssl\",\"version\":\"3.0.9\""), std::string::npos) << out_;
}

TEST_F(Daicho, APackageMayBeNamedLikeACommand) {
  admin_.software = {Parse<v1::SoftwareEntry>("name: 'token'")};
  EXPECT_EQ(Run({"software", "token"}), 0) << err_;
  EXPECT_EQ(admin_.asked_software.name(), "token");
}

TEST_F(Daicho, NothingFoundIsExitCode1OnlyWhereSomethingWasAskedFor) {
  EXPECT_EQ(Run({"software"}), 0);
  EXPECT_EQ(Run({"accounts"}), 0);
  EXPECT_EQ(Run({"findings", "--item", "B10"}), 0);
  EXPECT_EQ(Run({"devices"}), 0);
  EXPECT_EQ(Run({"software", "no-such-package", "--json"}), 1);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(Run({"software", "--below", "1"}), 1);
  EXPECT_EQ(Run({"accounts", "--device", "web"}), 1);
  admin_.status = {grpc::StatusCode::NOT_FOUND, "no device 'x'"};
  EXPECT_EQ(Run({"show", "x"}), 1);
  EXPECT_EQ(err_, "daicho: no device 'x'\n");
}

TEST_F(Daicho, StatusOfTheCollectorBecomesAnExitCode) {
  const std::pair<grpc::StatusCode, int> cases[] = {
      {grpc::StatusCode::INVALID_ARGUMENT, 2},  {grpc::StatusCode::UNAVAILABLE, 3},
      {grpc::StatusCode::DEADLINE_EXCEEDED, 3}, {grpc::StatusCode::PERMISSION_DENIED, 4},
      {grpc::StatusCode::UNAUTHENTICATED, 4},   {grpc::StatusCode::FAILED_PRECONDITION, 4},
      {grpc::StatusCode::DATA_LOSS, 5},         {grpc::StatusCode::UNKNOWN, 5},
      {grpc::StatusCode::INTERNAL, 5}};
  for (const auto& [code, exit_code] : cases) {
    admin_.status = {code, "why\x1b[2J"};
    EXPECT_EQ(Run({"devices"}), exit_code) << code;
    EXPECT_NE(err_.find("why"), std::string::npos) << err_;
    EXPECT_EQ(err_.find('\x1b'), std::string::npos) << err_;
  }
}

TEST_F(Daicho, WordsOfTheCollectorAreIntroducedInJapanese) {
  for (const auto code :
       {grpc::StatusCode::NOT_FOUND, grpc::StatusCode::INTERNAL, grpc::StatusCode::FAILED_PRECONDITION}) {
    admin_.status = {code, "no device 'x'"};
    Run({"show", "x", "--lang", "ja"});
    EXPECT_EQ(err_, "daicho: 収集サーバーの応答: no device 'x'\n");
  }
  EXPECT_EQ(Run({"waive", "f1", "--reason", "r", "--until", "soon", "--lang", "ja"}), 2);
  EXPECT_NE(err_.find("--until「soon」は"), std::string::npos) << err_;
}

TEST_F(Daicho, ACollectorThatIsAwayIsNamedWithWhatToDo) {
  ASSERT_TRUE(
      WriteFileAtomically(profile_, "endpoint = \"127.0.0.1:1\"\nca = \"c\"\ncertificate = \"c\"\nkey = \"k\"\n"));
  EXPECT_EQ(Run({"devices"}), 3);
  EXPECT_NE(err_.find("cannot reach the collector at 127.0.0.1:1"), std::string::npos) << err_;
  EXPECT_NE(err_.find("check that daicho-collector runs there"), std::string::npos) << err_;
}

TEST_F(Daicho, HealthIsInTheExitCode) {
  EXPECT_EQ(Run({"health"}), 0) << err_;
  EXPECT_EQ(out_, "The collector at " + admin_.Endpoint() + " serves.\n");
  EXPECT_EQ(Run({"health", "--json"}), 0);
  EXPECT_EQ(out_, "{\"endpoint\":\"" + admin_.Endpoint() + "\",\"status\":\"SERVING\"}\n");
  admin_.SetServing(false);
  EXPECT_EQ(Run({"health", "--lang", "ja"}), 1) << err_;
  EXPECT_NE(out_.find("台帳に書き込めません"), std::string::npos) << out_;
  EXPECT_EQ(Run({"health", "--json"}), 1);
  EXPECT_NE(out_.find("\"NOT_SERVING\""), std::string::npos) << out_;
}

TEST_F(Daicho, HealthOfACollectorThatIsAwayIs3) {
  EXPECT_TRUE(
      WriteFileAtomically(profile_, "endpoint = \"127.0.0.1:1\"\nca = \"c\"\ncertificate = \"c\"\nkey = \"k\"\n"));
  EXPECT_EQ(Run({"health", "--json"}), 3);
  EXPECT_EQ(out_, "");
}

TEST_F(Daicho, RefusedCallIsToldWithItsIdInTheLog) {
  admin_.status = {grpc::StatusCode::PERMISSION_DENIED, "this needs the role admin"};
  admin_.request_id = "3f2a91c0";
  EXPECT_EQ(Run({"show", "pc"}), 4);
  EXPECT_TRUE(err_.ends_with("this needs the role admin (request 3f2a91c0)\n")) << err_;
  EXPECT_EQ(Run({"show", "pc", "--lang", "ja"}), 4);
  EXPECT_NE(err_.find("(要求ID 3f2a91c0)"), std::string::npos) << err_;
  admin_.status = {grpc::StatusCode::UNAVAILABLE, "the disk is full"};
  EXPECT_EQ(Run({"show", "pc"}), 3);
  EXPECT_EQ(err_, "daicho: the disk is full (request 3f2a91c0)\n") << "it was reached";
}

TEST_F(Daicho, FindingsFailAScheduledCheckFromTheGivenSeverityOn) {
  admin_.findings = {Parse<v1::Finding>("finding_id: 'f1' severity: 'medium' status: 'open'"),
                     Parse<v1::Finding>("finding_id: 'f2' severity: 'high' status: 'waived'")};
  EXPECT_EQ(Run({"findings", "--json"}), 0);
  EXPECT_EQ(admin_.asked_findings.status(), "open");
  EXPECT_EQ(Run({"findings", "--fail-on", "low"}), 1);
  EXPECT_EQ(Run({"findings", "--fail-on", "medium", "--json"}), 1);
  EXPECT_EQ(Run({"findings", "--fail-on", "high", "--status", "all"}), 0);  // the high one is waived
  EXPECT_EQ(admin_.asked_findings.status(), "all");
}

TEST_F(Daicho, WaiveSendsReasonAndTheEndOfTheDay) {
  EXPECT_EQ(Run({"waive", "f1", "--reason", "保守契約", "--until", "2027-03-31", "--json"}), 0) << err_;
  EXPECT_EQ(admin_.asked_waiver.finding_id(), "f1");
  EXPECT_EQ(admin_.asked_waiver.reason(), "保守契約");
  EXPECT_EQ(FromTimestamp(admin_.asked_waiver.until()), *ParseTime("2027-03-31T23:59:59+09:00"));
  EXPECT_TRUE(out_.starts_with("{\"finding_id\":\"f1\"")) << out_;
  EXPECT_EQ(Run({"waive", "f1", "--end"}), 0) << err_;
  EXPECT_LT(FromTimestamp(admin_.asked_waiver.until()), clock_.Now());
  EXPECT_FALSE(admin_.asked_waiver.reason().empty());
}

TEST_F(Daicho, RevokeAsksAtATerminalAndNeedsYesElsewhere) {
  admin_.detail = Parse<v1::DeviceDetail>("device { device_id: '0123456789abcdef' hostname: 'web' }");
  EXPECT_EQ(Run({"revoke", "web", "--reason", "disposed of"}), 2);
  EXPECT_EQ(admin_.asked_revocation.device(), "");
  in_is_terminal_ = true;
  input_ = "n\n";
  EXPECT_EQ(Run({"revoke", "web", "--reason", "disposed of"}), 4);
  EXPECT_EQ(admin_.asked_revocation.device(), "");
  EXPECT_NE(err_.find("web (0123456789abcdef)"), std::string::npos) << err_;
  input_ = "y\n";
  EXPECT_EQ(Run({"revoke", "web", "--reason", "disposed of"}), 0) << err_;
  EXPECT_EQ(admin_.asked_revocation.reason(), "disposed of");
  in_is_terminal_ = false;
  EXPECT_EQ(Run({"revoke", "web", "--reason", "r", "--yes", "--json"}), 0) << err_;
  EXPECT_TRUE(out_.starts_with("{\"device_id\":\"0123456789abcdef\"")) << out_;
}

TEST_F(Daicho, QueryPrintsTheRowObjectsThemselves) {
  admin_.rows = {Parse<v1::QueryRow>("columns: 'hostname' columns: 'n' json: '{\"hostname\":\"検査室\",\"n\":2}'"),
                 Parse<v1::QueryRow>("json: '{\"hostname\":null,\"n\":10.5}'")};
  EXPECT_EQ(Run({"query", "SELECT hostname, n FROM x", "--limit", "7", "--max-rows", "50", "--json"}), 0) << err_;
  EXPECT_EQ(admin_.asked_query.limit_ms(), 7000u);
  EXPECT_EQ(admin_.asked_query.max_rows(), 50u);
  EXPECT_EQ(out_, "{\"hostname\":\"検査室\",\"n\":2}\n{\"hostname\":null,\"n\":10.5}\n");
  EXPECT_EQ(err_, "");
  EXPECT_EQ(Run({"query", "SELECT", "--max-rows", "2"}), 0);
  EXPECT_EQ(out_, "hostname  n\n--------  ----\n検査室    2\n          10.5\n2 rows\n");
}

TEST_F(Daicho, AQueryThatReachesALimitIsRefusedAndNotUnreachable) {
  admin_.status = {grpc::StatusCode::DEADLINE_EXCEEDED, "the SELECT took longer than 5000 ms"};
  EXPECT_EQ(Run({"query", "SELECT a FROM x"}), 4);
  EXPECT_EQ(err_, "daicho: the collector stopped the query after 5 s; narrow it or raise --limit\n");
  EXPECT_EQ(Run({"query", "SELECT a FROM x", "--limit", "7"}), 4);
  EXPECT_NE(err_.find("after 7 s"), std::string::npos) << err_;
  admin_.rows = {Parse<v1::QueryRow>("columns: 'a' json: '{\"a\":1}'"), Parse<v1::QueryRow>("json: '{\"a\":2}'")};
  admin_.status = {grpc::StatusCode::RESOURCE_EXHAUSTED, "more than 2 rows"};
  EXPECT_EQ(Run({"query", "SELECT a FROM x", "--max-rows", "2"}), 4);
  EXPECT_NE(err_.find("after 2 rows"), std::string::npos) << err_;
  admin_.status = {grpc::StatusCode::UNAVAILABLE, "gone"};
  EXPECT_EQ(Run({"query", "SELECT a FROM x"}), 3);
}

TEST_F(Daicho, AnEmptyAnswerToAQueryPrintsNoJson) {
  admin_.rows = {Parse<v1::QueryRow>("columns: 'hostname'")};
  EXPECT_EQ(Run({"query", "SELECT hostname FROM device", "--json"}), 0) << err_;
  EXPECT_EQ(out_, "");
}

TEST_F(Daicho, AQueryAnswerThatIsNoJsonIsBadData) {
  admin_.rows = {Parse<v1::QueryRow>("columns: 'a' json: '{\"a\":1}'"), Parse<v1::QueryRow>("json: '{broken'")};
  EXPECT_EQ(Run({"query", "SELECT a FROM x"}), 5);
  EXPECT_NE(err_.find("row 2"), std::string::npos) << err_;
}

TEST_F(Daicho, ExportWritesTheFileWholeOrNotAtAll) {
  const std::string file = folder_.File("export.csv");
  ASSERT_TRUE(WriteFileAtomically(file, "yesterday"));
  admin_.chunks = {"\xef\xbb\xbf管理番号,", "機器名\r\n"};
  admin_.status = {grpc::StatusCode::UNAVAILABLE, "gone"};
  EXPECT_EQ(Run({"export", "--what", "ledger", "--format", "csv", "-o", file}), 3);
  EXPECT_EQ(*ReadFile(file), "yesterday");
  admin_.status = grpc::Status::OK;
  EXPECT_EQ(Run({"export", "--what", "ledger", "--format", "csv", "--lang", "ja", "-o", file}), 0) << err_;
  EXPECT_EQ(*ReadFile(file), "\xef\xbb\xbf管理番号,機器名\r\n");
  EXPECT_EQ(admin_.asked_export.lang(), "ja");
  EXPECT_EQ(out_, "");
}

// The folder is looked at before millions of rows are asked for.
TEST_F(Daicho, ExportIntoAFolderThatIsNotThereAsksForNothing) {
  admin_.chunks = {"a"};
  EXPECT_EQ(Run({"export", "--what", "ledger", "--format", "csv", "-o", "/nonexistent/folder/x.csv"}), 2);
  EXPECT_EQ(admin_.asked_export.what(), "");
}

TEST_F(Daicho, ExportOntoAFullDiskEndsTheCallAndLeavesTheOldFile) {
  const std::string file = folder_.File("export.csv");
  ASSERT_TRUE(WriteFileAtomically(file, "yesterday"));
  admin_.chunks.assign(1000, std::string(256 << 10, 'x'));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 600 << 10, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const int code = Run({"export", "--what", "software", "--format", "csv", "-o", file});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_NE(code, 0);
  EXPECT_EQ(err_, "daicho: " + file + ": cannot write: File too large\n");
  EXPECT_EQ(*ReadFile(file), "yesterday");
  EXPECT_LT(admin_.chunks_taken, 1000u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 2) << "this and the profile";
}

TEST_F(Daicho, ExportToAFullStandardOutputEndsTheCall) {
  admin_.chunks.assign(1000, std::string(256 << 10, 'x'));
  out_is_full_ = true;
  EXPECT_NE(Run({"export", "--what", "software", "--format", "csv"}), 0);
  EXPECT_EQ(err_, "daicho: cannot write to standard output; check the space left\n");
  EXPECT_LT(admin_.chunks_taken, 1000u);
}

// A collector that waited for too long, or stops.
TEST_F(Daicho, ExportThatIsCutOffIsToTryAgain) {
  const std::string file = folder_.File("export.csv");
  admin_.chunks = {"half"};
  admin_.status = {grpc::StatusCode::CANCELLED, "Cancelled"};
  EXPECT_EQ(Run({"export", "--what", "ledger", "--format", "csv", "-o", file}), 3);
  EXPECT_NE(err_.find("ended the call (Cancelled)"), std::string::npos) << err_;
  EXPECT_FALSE(std::filesystem::exists(file));
}

// Half a second later each time somebody looks.
class HastyClock final : public Clock {
 public:
  UnixTime Now() const override { return ++halves_ / 2; }

 private:
  mutable std::atomic<UnixTime> halves_ = 0;
};

TEST_F(Daicho, ExportThatTakesLongerThanASecondShowsHowFarItIs) {
  const std::string file = folder_.File("export.csv");
  const HastyClock hasty;
  admin_.chunks.assign(6, std::string(100 << 10, 'x'));
  err_is_terminal_ = true;
  EXPECT_EQ(Run({"export", "--what", "ledger", "--format", "csv", "-o", file}), 0);
  EXPECT_EQ(err_, "Wrote " + file + " (614400 bytes).\n") << "time stood still";
  clock_in_use_ = &hasty;
  EXPECT_EQ(Run({"export", "--what", "ledger", "--format", "csv", "-o", file}), 0);
  EXPECT_EQ(err_, "\rreceived 300 KB\rreceived 500 KB\r\x1b[KWrote " + file + " (614400 bytes).\n");
  err_is_terminal_ = false;
  EXPECT_EQ(Run({"export", "--what", "ledger", "--format", "csv", "-o", file}), 0);
  EXPECT_EQ(err_, "Wrote " + file + " (614400 bytes).\n");
}

TEST_F(Daicho, ExportToStandardOutputIsByteForByteUnlessItIsATerminal) {
  admin_.chunks = {"a,\x1b[31m\xe6\xbc", "\xa2\r\nb\n"};
  EXPECT_EQ(Run({"export", "--what", "software", "--format", "csv"}), 0) << err_;
  EXPECT_EQ(out_, "a,\x1b[31m漢\r\nb\n");
  EXPECT_EQ(admin_.asked_export.lang(), "en");
  width_ = 80;
  EXPECT_EQ(Run({"export", "--what", "software", "--format", "csv"}), 0) << err_;
  EXPECT_EQ(out_, "a, [31m漢\nb\n");
}

TEST_F(Daicho, ExportsAreListed) {
  admin_.exports = {
      Parse<v1::ExportJob>("name: 'nightly' what: 'accounts' format: 'csv' schedule: 'daily 02:00 "
                           "Asia/Tokyo' last_result: 'ok: /out/a.csv (3 rows)'")};
  EXPECT_EQ(Run({"exports", "--json"}), 0) << err_;
  EXPECT_TRUE(out_.starts_with("{\"name\":\"nightly\"")) << out_;
  EXPECT_EQ(Run({"exports"}), 0) << err_;
  EXPECT_NE(out_.find("ok: /out/a.csv (3 rows)"), std::string::npos) << out_;
}

TEST_F(Daicho, AScheduleAndItsTimesAreOfOneZone) {
  admin_.exports = {Parse<v1::ExportJob>(
      "name: 'weekly' schedule: 'weekly monday 06:30 Asia/Tokyo' next_run { seconds: 1795987800 }")};
  ::setenv("TZ", "EST5", 1);
  ::tzset();
  EXPECT_EQ(Run({"exports"}), 0) << err_;
  EXPECT_NE(out_.find("2026-11-30 06:30 (Asia/Tokyo)"), std::string::npos) << out_;
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_NE(out_.find("Times are shown in the time zone of this terminal"), std::string::npos) << out_;
}

}  // namespace
}  // namespace daicho::collector

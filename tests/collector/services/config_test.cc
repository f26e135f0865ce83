#include "collector/config.h"

#include <gtest/gtest.h>

#include <string>

#include "collector/host_port.h"
#include "common/files.h"
#include "tests/temporary_folder.h"

namespace daicho::collector {
namespace {

constexpr const char* kListen = "[listen]\nagent = \"127.0.0.1:7443\"\nadmin = \"127.0.0.1:7444\"\n";

class Config : public testing::Test {
 protected:
  Result<CollectorConfig> Load(const std::string& text) {
    EXPECT_TRUE(WriteFileAtomically(folder_ + "/collector.toml", text));
    return LoadConfig(folder_ + "/collector.toml");
  }

  const TemporaryFolder temporary_;
  const std::string& folder_ = temporary_.path();
};

TEST_F(Config, WhatInitWritesLoadsWithTheDefaults) {
  const auto config = Load(NewConfigText("0.0.0.0:7443", "[::1]:7444", {"ledger.example.jp", "2001:db8::1"}, "sqlite"));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->agent_listen, "0.0.0.0:7443");
  EXPECT_EQ(config->admin_listen, "[::1]:7444");
  EXPECT_EQ(config->names, (std::vector<std::string>{"ledger.example.jp", "2001:db8::1"}));
  EXPECT_EQ(config->store, folder_ + "/ledger.sqlite");
  EXPECT_EQ(config->interval_seconds, 3600u);
  EXPECT_EQ(config->device_days, 365);
  EXPECT_EQ(config->history_keep_days, 1826);
  EXPECT_TRUE(config->share_dir.ends_with("/share/daicho"));
  EXPECT_TRUE(config->exports.empty());
}

TEST_F(Config, LedgerMayBeInADatabase) {
  const std::string url = "postgresql://daicho@db.example:5432/daicho";
  const auto config = Load(NewConfigText("0.0.0.0:7443", "[::1]:7444", {}, url));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->store, url);
}

TEST_F(Config, ExampleOfTheDocumentationLoads) {
  const auto config = LoadConfig(DAICHO_SOURCE "/deploy/examples/collector.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_FALSE(config->exports.empty());
  EXPECT_EQ(config->rule_parameters.count("account-unused"), 1u);
}

TEST_F(Config, MetricsAreOffAndTheLogIsTextUnlessToldOtherwise) {
  const auto plain = Load(kListen);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->metrics_listen, "");
  EXPECT_EQ(plain->log.format, LogFormat::kText);
  EXPECT_EQ(plain->log.level, spdlog::level::info);
  const auto told =
      Load(std::string(kListen) + "[metrics]\nlisten = \"[::1]:9464\"\n[log]\nformat = \"json\"\nlevel = \"error\"\n");
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->metrics_listen, "[::1]:9464");
  EXPECT_EQ(told->log.format, LogFormat::kJson);
  EXPECT_EQ(told->log.level, spdlog::level::err);
}

TEST_F(Config, OnlyListenIsRequired) {
  EXPECT_TRUE(Load(kListen));
  EXPECT_FALSE(Load(""));
}

struct ErrorCase {
  const char* name;
  std::string text;
  const char* place;
  const char* told;
};

class ConfigErrors : public Config, public testing::WithParamInterface<ErrorCase> {};

TEST_P(ConfigErrors, NameFileLineColumnAndKey) {
  const auto config = Load(GetParam().text);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, Code::kInvalidArgument);
  EXPECT_NE(config.error().message.find("/collector.toml:" + std::string(GetParam().place)), std::string::npos)
      << config.error().message;
  EXPECT_NE(config.error().message.find(GetParam().told), std::string::npos) << config.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, ConfigErrors,
    testing::Values(
        ErrorCase{"unknown_key", std::string("lisen = 1\n") + kListen, "1:1:", "lisen"},
        ErrorCase{"valid_keys_are_told", std::string("lisen = 1\n") + kListen, "1:1:", "check_in"},
        ErrorCase{"syntax", std::string("names = [\n") + kListen, "2:", ""},
        ErrorCase{"unknown_listen_key", std::string(kListen) + "web = \"x\"\n", "4:1:", "web"},
        ErrorCase{"listen_type", "listen = 1\n", "1:10:", "listen"},
        ErrorCase{"admin_missing", "[listen]\nagent = \"127.0.0.1:1\"\n", "1:", "admin"},
        ErrorCase{"port_0", "[listen]\nagent = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:1\"\n", "2:9:", "port 0"},
        ErrorCase{"no_port", "[listen]\nagent = \"127.0.0.1\"\nadmin = \"127.0.0.1:1\"\n", "2:9:", "HOST:PORT"},
        ErrorCase{"short_address", "[listen]\nagent = \"127.1:7443\"\nadmin = \"127.0.0.1:1\"\n",
                  "2:9:", "four numbers"},
        ErrorCase{"address_in_hex", "[listen]\nagent = \"0x7f000001:7443\"\nadmin = \"127.0.0.1:1\"\n",
                  "2:9:", "four numbers"},
        ErrorCase{"address_in_both_families", "[listen]\nagent = \"[::ffff:127.0.0.1]:1\"\nadmin = \"127.0.0.1:1\"\n",
                  "2:9:", "four numbers"},
        ErrorCase{"connections_none", std::string(kListen) + "connections_per_address = 0\n", "4:27:", "4 to 1000000"},
        ErrorCase{"connections_text", std::string(kListen) + "connections_per_address = \"many\"\n",
                  "4:27:", "connections_per_address"},
        ErrorCase{"interval_text", std::string(kListen) + "[check_in]\ninterval_seconds = \"1h\"\n",
                  "5:20:", "interval_seconds"},
        ErrorCase{"interval_range", std::string(kListen) + "[check_in]\ninterval_seconds = 1\n", "5:20:", "10"},
        ErrorCase{"jitter_range", std::string(kListen) + "[check_in]\njitter_percent = 51\n", "5:18:", "50"},
        ErrorCase{"names_type", std::string("names = \"x\"\n") + kListen, "1:9:", "names"},
        ErrorCase{"name_with_space", std::string("names = [\"a b\"]\n") + kListen, "1:9:", "a b"},
        ErrorCase{"days", std::string(kListen) + "[certificates]\ndevice_days = 0\n", "5:15:", "device_days"},
        ErrorCase{"history_range", std::string(kListen) + "[history]\nkeep_days = -1\n", "5:13:", "keep_days"},
        ErrorCase{"history_key", std::string(kListen) + "[history]\nkeep = 1\n", "5:1:", "keep_days"},
        ErrorCase{"metrics_key", std::string(kListen) + "[metrics]\nlisen = \"127.0.0.1:1\"\n", "5:1:", "lisen"},
        ErrorCase{"metrics_port", std::string(kListen) + "[metrics]\nlisten = \"127.0.0.1\"\n", "5:10:", "HOST:PORT"},
        ErrorCase{"metrics_for_all", std::string(kListen) + "[metrics]\nlisten = \"0.0.0.0:9464\"\n",
                  "5:10:", "reverse proxy with TLS"},
        ErrorCase{"metrics_by_name", std::string(kListen) + "[metrics]\nlisten = \"ledger.example:9464\"\n",
                  "5:10:", "loopback"},
        ErrorCase{"log_format", std::string(kListen) + "[log]\nformat = \"xml\"\n", "5:10:", "text, json"},
        ErrorCase{"log_level", std::string(kListen) + "[log]\nlevel = \"trace\"\n", "5:9:", "debug, info, warn, error"},
        ErrorCase{"rules_type", std::string("rules = 1\n") + kListen, "1:9:", "rules"},
        ErrorCase{"export_key", std::string(kListen) + "[[export]]\nnme = \"x\"\n", "5:1:", "nme"},
        ErrorCase{"export_twice",
                  std::string(kListen) +
                      "[[export]]\nname = \"a\"\nwhat = \"ledger\"\nformat = \"csv\"\nfolder = \"/x\"\nschedule = "
                      "\"daily 02:00\"\n[[export]]\nname = \"a\"\nwhat = \"ledger\"\nformat = \"csv\"\nfolder = "
                      "\"/x\"\nschedule = \"daily 02:00\"\n",
                  "10:1:", "of this name already"}),
    [](const auto& tested) { return tested.param.name; });

TEST(HostPort, TwoFormsAreReadBack) {
  for (const char* text : {"127.0.0.1:7443", "ledger.example.jp:1", "[2001:db8::1]:65535", "[::]:0"}) {
    const auto endpoint = ParseHostPort(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(ToText(*endpoint), text);
  }
  EXPECT_EQ(ParseHostPort("[::1]:80")->host, "::1");
}

TEST(HostPort, AnythingElseIsShownInTheError) {
  for (const char* text : {"", ":", ":80", "host", "host:", "host:65536", "host:-1", "::1:80", "[::1]", "[::1]80",
                           "[host]:80", "a b:80", "http://host:80", "host:80x", "h\"ost:80"}) {
    const auto endpoint = ParseHostPort(text);
    EXPECT_FALSE(endpoint) << text;
  }
}

TEST(HostPort, LoopbackIsWhatThisMachineAloneReaches) {
  for (const char* host : {"127.0.0.1", "127.8.0.1", "::1", "localhost"}) EXPECT_TRUE(IsLoopback(host)) << host;
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "::ffff:10.0.0.1", "localhost.example", ""}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

TEST(HostPort, FreePortCanBeListenedOn) {
  const auto port = FreePort("127.0.0.1");
  ASSERT_TRUE(port);
  EXPECT_GT(*port, 0);
  const auto nowhere = FreePort("192.0.2.1");
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().message.find("192.0.2.1"), std::string::npos);
}

}  // namespace
}  // namespace daicho::collector

// Runs `daicho` in this process against a FakeAdmin, with streams instead of a terminal.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "collector/ctl/daicho.h"
#include "common/files.h"
#include "common/time_format.h"
#include "tests/collector/ctl/fake_admin.h"
#include "tests/temporary_folder.h"

namespace daicho::collector {

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class DaichoFixture : public ::testing::Test {
 protected:
  DaichoFixture() : clock_(*ParseTime("2026-04-01T00:00:00Z")) {
    ::setenv("TZ", "JST-9", 1);
    ::tzset();
    profile_ = folder_.File("profile.toml");
    EXPECT_TRUE(WriteFileAtomically(
        profile_, "endpoint = \"" + admin_.Endpoint() + "\"\nca = \"c\"\ncertificate = \"c\"\nkey = \"k\"\n"));
  }

  // Exit code; what was printed is in out_ and err_.
  int Run(std::vector<std::string> arguments) {
    std::istringstream in(input_);
    std::ostringstream out;
    std::ostringstream err;
    std::ofstream full("/dev/full");
    Console console{.in = in,
                    .out = out_is_full_ ? static_cast<std::ostream&>(full) : out,
                    .err = err,
                    .width = width_,
                    .in_is_terminal = in_is_terminal_,
                    .err_is_terminal = err_is_terminal_};
    const Environment environment = [this](const std::string& name) {
      return name == "DAICHO_PROFILE" ? profile_ : std::string();
    };
    const Connector connect = [](const Profile& profile, Language language) -> Result<std::unique_ptr<Session>> {
      grpc::ChannelArguments alone;  // not a connection of an earlier test
      alone.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      return std::make_unique<Session>(
          grpc::CreateCustomChannel(profile.endpoint, grpc::InsecureChannelCredentials(), alone), profile.endpoint,
          language);
    };
    const ExitCode code = RunDaicho(arguments, "9.9", {console, *clock_in_use_, environment, connect});
    out_ = out.str();
    err_ = err.str();
    return static_cast<int>(code);
  }

  const TemporaryFolder folder_;
  FakeAdmin admin_;
  FakeClock clock_;
  std::string profile_;
  std::string input_;
  std::size_t width_ = 0;
  bool in_is_terminal_ = false;
  bool err_is_terminal_ = false;
  bool out_is_full_ = false;  // as a disk is
  const Clock* clock_in_use_ = &clock_;
  std::string out_;
  std::string err_;
};

}  // namespace daicho::collector

// What the guide and the example tell people to write must be what the collector takes.
#include <gtest/gtest.h>

#include <string>

#include "collector/config.h"
#include "collector/setup.h"

namespace daicho::collector {
namespace {

const std::string kDeploy = DAICHO_SOURCE "/deploy";

TEST(ExampleConfig, EveryKeyIsKnown) {
  const auto config = LoadConfig(kDeploy + "/examples/collector.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->agent_listen, "0.0.0.0:7443");
  EXPECT_EQ(config->exports.size(), 2u);
  EXPECT_EQ(config->exports.front().folder, "/srv/daicho");
}

TEST(ExampleConfig, EveryRuleParameterExists) {
  const auto config = LoadConfig(kDeploy + "/examples/collector.toml");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_FALSE(config->rule_parameters.empty());
  const auto rules = LoadShare(kDeploy, config->rule_parameters);
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(rules->Find("account-unused")->parameters.at("days"), SqlValue(std::int64_t{60}));
}

}  // namespace
}  // namespace daicho::collector

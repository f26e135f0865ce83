#include "collector/enrol/identity.h"

#include <gtest/gtest.h>

#include <string>

namespace daicho::collector {
namespace {

TEST(Identity, UrisAreReadBackAsTheyWereMade) {
  const std::string id = "00112233445566778899aabbccddeeff";
  const auto device = ParseIdentity(DeviceUri(id));
  ASSERT_TRUE(device);
  EXPECT_EQ(std::get<DeviceIdentity>(*device).device_id, id);
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kAdmin}) {
    const auto admin = ParseIdentity(AdminUri("sato.k-2_b", role));
    ASSERT_TRUE(admin);
    EXPECT_EQ(std::get<AdminIdentity>(*admin).name, "sato.k-2_b");
    EXPECT_EQ(std::get<AdminIdentity>(*admin).role, role);
  }
}

TEST(Identity, WhatCouldBeReadInTwoWaysIsRefused) {
  for (const char* uri :
       {"", "daicho://device/", "daicho://device/0011", "daicho://device/00112233445566778899AABBCCDDEEFF",
        "daicho://device/00112233445566778899aabbccddeeff/",
        "daicho://device/00112233445566778899aabbccddeeff?role=admin", "daicho://admin/sato",
        "daicho://admin/?role=admin", "daicho://admin/sato?role=", "daicho://admin/sato?role=root",
        "daicho://admin/sato?role=viewer?role=admin", "daicho://admin/sato?role=admin&x=1",
        "daicho://admin/sato/../ito?role=admin", "daicho://admin/佐藤?role=admin", "https://admin/sato?role=admin",
        "DAICHO://admin/sato?role=admin"}) {
    EXPECT_FALSE(ParseIdentity(uri)) << uri;
  }
  EXPECT_FALSE(ParseIdentity("daicho://admin/" + std::string(65, 'a') + "?role=admin"));
  EXPECT_FALSE(ParseIdentity(std::string("daicho://device/0011223344556677\0\0aabbccddeeffaa", 48)));
}

TEST(Identity, RolesAreOrderedByWhatTheyMayDo) {
  EXPECT_LT(Role::kViewer, Role::kOperator);
  EXPECT_LT(Role::kOperator, Role::kAdmin);
  const auto unknown = ParseRole("root");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("viewer, operator or admin"), std::string::npos);
}

}  // namespace
}  // namespace daicho::collector

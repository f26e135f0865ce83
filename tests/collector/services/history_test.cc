// What was the case at another time.
#include <gmock/gmock.h>

#include "common/time_format.h"
#include "tests/collector/services/service_site.h"

namespace daicho::collector {
namespace {

using ::testing::HasSubstr;

constexpr UnixTime kHour = 3600;

class History : public ServiceSite {
 protected:
  // What is certified after now, by the real clock, is not valid yet.
  History() { clock_.Advance(-10 * kHour); }

  grpc::Status ShowAt(const std::string& device, UnixTime at, v1::DeviceDetail* detail) {
    grpc::ClientContext context;
    v1::ShowDeviceRequest request;
    request.set_device(device);
    *request.mutable_at() = ToTimestamp(at);
    return ServiceSite::Admin(Role::kViewer)->ShowDevice(&context, request, detail);
  }
};

TEST_F(History, ADeviceIsShownAsItWas) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = Inventory(device.shown);
  clock_.Advance(kHour);
  v1::NetworkInterface interface;
  interface.set_name("eth0");
  interface.set_mac("02:00:00:00:00:01");
  interface.add_addresses("192.0.2.7/24");
  interface.add_addresses("fe80::1/64");
  ASSERT_EQ(ReportFull(*stub, "network", {interface.SerializeAsString()}), v1::APPLIED);
  ASSERT_EQ(ReportFull(*stub, "accounts", {AccountRow("root", 0, true, false), AccountRow("toor", 0, true, false)}),
            v1::APPLIED);
  ASSERT_EQ(ReportFull(*stub, "software", {SoftwareRow("openssl", "3.0.11")}), v1::APPLIED);
  const UnixTime then = clock_.Now();
  clock_.Advance(kHour);
  ASSERT_EQ(ReportFull(*stub, "accounts", {AccountRow("root", 0, true, false)}), v1::APPLIED);
  ASSERT_EQ(ReportFull(*stub, "software", {SoftwareRow("openssl", "3.0.13"), SoftwareRow("zlib1g", "1")}), v1::APPLIED);
  Revoke(device.id);

  v1::DeviceDetail detail;
  ASSERT_TRUE(ShowAt(device.id, then, &detail).ok());
  EXPECT_EQ(FromTimestamp(detail.at()), then);
  EXPECT_EQ(detail.device().status(), "active");
  EXPECT_FALSE(detail.device().has_revoked_at());
  EXPECT_EQ(detail.device().account_count(), 2U);
  EXPECT_EQ(detail.device().software_count(), 1U);
  ASSERT_EQ(detail.device().addresses_size(), 1);
  EXPECT_EQ(detail.device().addresses(0), "192.0.2.7");
  EXPECT_EQ(detail.accounts_size(), 2);
  EXPECT_EQ(detail.sections_size(), 3);

  ASSERT_TRUE(ShowAt(device.id, then - 1, &detail).ok());
  EXPECT_EQ(detail.device().status(), "enrolled");
  EXPECT_EQ(detail.sections_size(), 0);

  ASSERT_TRUE(ShowAt(device.id, clock_.Now() + 10 * kHour, &detail).ok());
  EXPECT_EQ(FromTimestamp(detail.at()), clock_.Now());
  EXPECT_EQ(detail.device().status(), "revoked");
  EXPECT_EQ(detail.device().account_count(), 1U);
}

TEST_F(History, ADeviceThatHadNotEnrolledYetIsNotFoundThen) {
  const EnrolledDevice device = EnrolDevice("pc");
  v1::DeviceDetail detail;
  const grpc::Status status = ShowAt("pc", clock_.Now() - kHour, &detail);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("was not known at"));
}

}  // namespace
}  // namespace daicho::collector

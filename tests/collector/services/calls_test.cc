// Each call has an id, is counted, and stands in the log once, without what must not be there.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <mutex>
#include <sstream>

#include "collector/log/log.h"
#include "common/protocol.h"
#include "common/x509.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/collector/metrics/exposition_reader.h"
#include "tests/collector/services/service_site.h"

namespace daicho::collector {
namespace {

class Calls : public ServiceSite {
 protected:
  Calls() { LogAt(spdlog::level::info); }
  ~Calls() override { StartLog({}); }

  void LogAt(spdlog::level::level_enum level) {
    spdlog::set_default_logger(MakeLog({.level = level}, std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)));
  }
  // Lines of the log that have these words. Calls end after their answer is on its way, so it is looked at once no call
  // can be running.
  std::vector<std::string> Lines(const std::string& words) {
    agents_.reset();
    admins_.reset();
    std::vector<std::string> lines;
    std::istringstream text(log_.str());
    for (std::string line; std::getline(text, line);) {
      if (line.find(words) != std::string::npos) lines.push_back(line);
    }
    return lines;
  }
  testing_metrics::ReadMetrics Metrics() {
    agents_.reset();
    admins_.reset();
    Exposition out;
    call_metrics_.WriteTo(out);
    report_metrics_.WriteTo(out);
    return testing_metrics::ReadExposition(out.Take());
  }
  static std::string Id(const grpc::ClientContext& context) {
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto found = trailers.find(kRequestIdTrailer);
    return found == trailers.end() ? "" : std::string(found->second.data(), found->second.size());
  }

  std::ostringstream log_;
};

TEST_F(Calls, RefusedCallIsFoundByItsId) {
  const EnrolledDevice device = EnrolDevice("pc");
  Revoke(device.id);
  grpc::ClientContext context;
  v1::CheckInRequest request;
  request.set_protocol(kProtocolVersion);
  v1::CheckInResponse response;
  ASSERT_EQ(Inventory(device.shown)->CheckIn(&context, request, &response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  ASSERT_EQ(Id(context).size(), 8u);
  const auto lines = Lines(Id(context));
  ASSERT_EQ(lines.size(), 1u) << log_.str();
  EXPECT_THAT(lines[0], ::testing::HasSubstr("Z warn " + Id(context) + " call method=daicho.v1.Inventory/CheckIn "));
  EXPECT_THAT(lines[0], ::testing::HasSubstr(" peer=ipv4:127.0.0.1:"));
  EXPECT_THAT(lines[0], ::testing::HasSubstr(" actor=device/" + device.id + " code=PERMISSION_DENIED ms="));
  EXPECT_THAT(lines[0], ::testing::HasSubstr(" error=\"the device is revoked\""));
}

TEST_F(Calls, SuccessHasAnIdToo) {
  grpc::ClientContext context;
  v1::ListDevicesRequest request;
  const auto stub = Admin(Role::kViewer, "sato");
  const auto reader = stub->ListDevices(&context, request);
  v1::Device device;
  while (reader->Read(&device)) {
  }
  ASSERT_TRUE(reader->Finish().ok());
  const auto lines = Lines(Id(context));
  ASSERT_EQ(lines.size(), 1u) << log_.str();
  EXPECT_THAT(lines[0], ::testing::HasSubstr(" info "));
  EXPECT_THAT(lines[0], ::testing::HasSubstr("actor=admin/sato code=OK "));
}

TEST_F(Calls, LinesOfAServiceHaveTheIdOfTheCall) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = Inventory(device.shown);
  EXPECT_EQ(ReportFull(*stub, "software", {"\x0a"}), v1::REJECTED);
  const auto lines = Lines("rejected");
  ASSERT_EQ(lines.size(), 1u) << log_.str();
  const auto calls = Lines("method=daicho.v1.Inventory/Report");
  ASSERT_EQ(calls.size(), 1u) << log_.str();
  const auto id = [](const std::string& line) { return line.substr(line.find("Z ") + 2 + 5, 8); };
  EXPECT_EQ(id(lines[0]), calls[0].substr(calls[0].find(" info ") + 6, 8)) << lines[0] << '\n' << calls[0];
}

TEST_F(Calls, CallsAndSectionsAreCounted) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = Inventory(device.shown);
  ASSERT_TRUE(CheckIn(*stub, "software", {}).ok());
  EXPECT_EQ(ReportFull(*stub, "software", {SoftwareRow("bash", "5.2"), SoftwareRow("zlib1g", "1")}), v1::APPLIED);
  EXPECT_EQ(ReportFull(*stub, "made-up", {"x"}), v1::NOT_WANTED);
  EXPECT_FALSE(TryEnrol("wrong").ok());
  const auto read = Metrics();
  EXPECT_THAT(read.faults, ::testing::IsEmpty());
  const auto calls = [&](const std::string& service, const std::string& method, const std::string& code) {
    return read.Value("daicho_calls_total", {{"service", "daicho.v1." + service}, {"method", method}, {"code", code}});
  };
  EXPECT_EQ(calls("Inventory", "CheckIn", "OK"), 1);
  EXPECT_EQ(calls("Inventory", "Report", "OK"), 2);
  EXPECT_EQ(calls("Enrolment", "Enrol", "OK"), 1);
  EXPECT_EQ(calls("Enrolment", "Enrol", "PERMISSION_DENIED"), 1);
  EXPECT_EQ(read.Value("daicho_report_sections_total", {{"section", "software"}, {"outcome", "APPLIED"}}), 1);
  EXPECT_EQ(read.Value("daicho_report_sections_total", {{"section", "other"}, {"outcome", "NOT_WANTED"}}), 1);
  EXPECT_EQ(read.Value("daicho_report_rows_total"), 3);
  EXPECT_EQ(read.Value("daicho_report_row_bytes_total"),
            static_cast<double>(SoftwareRow("bash", "5.2").size() + SoftwareRow("zlib1g", "1").size() + 1));
}

TEST_F(Calls, MethodThatDoesNotExistIsCountedAsUnknown) {
  grpc::TemplatedGenericStub<v1::CheckInRequest, v1::CheckInResponse> stub(Channel(agents_->endpoint(), {}));
  grpc::ClientContext context;
  v1::CheckInRequest request;
  v1::CheckInResponse response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/made.up/Method", {}, &request, &response,
                 [&](const grpc::Status& status) { done.set_value(status); });
  EXPECT_EQ(done.get_future().get().error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(
      Metrics().Value("daicho_calls_total", {{"service", "unknown"}, {"method", "unknown"}, {"code", "UNIMPLEMENTED"}}),
      1);
}

TEST_F(Calls, RequestThatDoesNotParseIsCountedAndLogged) {
  // A message whose first field is a number where a text is due.
  grpc::TemplatedGenericStub<grpc::ByteBuffer, v1::EnrolResponse> stub(Channel(agents_->endpoint(), {}));
  const grpc::Slice junk(std::string("\x0a\xff"));
  grpc::ByteBuffer request(&junk, 1);
  grpc::ClientContext context;
  v1::EnrolResponse response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/daicho.v1.Enrolment/Enrol", {}, &request, &response,
                 [&](const grpc::Status& status) { done.set_value(status); });
  EXPECT_FALSE(done.get_future().get().ok());
  EXPECT_EQ(Lines("method=daicho.v1.Enrolment/Enrol").size(), 1u) << log_.str();
}

TEST_F(Calls, HealthChecksAreLoggedAtDebugAlone) {
  const auto check = [&] {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckResponse response;
    const auto stub = grpc::health::v1::Health::NewStub(Channel(agents_->endpoint(), {}));
    EXPECT_TRUE(stub->Check(&context, {}, &response).ok());
  };
  check();
  EXPECT_EQ(log_.str().find("Health"), std::string::npos) << log_.str();
  LogAt(spdlog::level::debug);
  check();
  EXPECT_EQ(Lines("debug").size(), 1u) << log_.str();
  EXPECT_EQ(Lines("method=grpc.health.v1.Health/Check").size(), 1u);
}

TEST_F(Calls, NoSecretIsInTheLog) {
  LogAt(spdlog::level::debug);
  const std::string token = NewToken();
  const std::string refused = "0123456789abcdef-a-token-that-is-none";
  EXPECT_FALSE(TryEnrol(refused).ok());
  v1::EnrolResponse enrolled;
  EXPECT_TRUE(TryEnrol(token, &enrolled).ok());
  EXPECT_FALSE(TryEnrol(token).ok());
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = Inventory(device.shown);
  ReportFull(*stub, "software", {SoftwareRow("patient-viewer", "7.7.7-secret-row")});
  ReportFull(*stub, "accounts", {AccountRow("yamada-hanako", 1001, true, true), AccountRow("", 1, true, true)});
  for (const char* sql :
       {"SELECT name FROM account WHERE name = 'yamada-hanako'", "SELECT 'yamada-hanako' FROM nowhere",
        "SELECT name FROM account WHERE uid = CAST('yamada-hanako' AS INTEGER)"}) {
    grpc::ClientContext context;
    v1::QueryRequest request;
    request.set_sql(sql);
    const auto admin = Admin(Role::kViewer);
    const auto reader = admin->Query(&context, request);
    v1::QueryRow row;
    while (reader->Read(&row)) {
    }
    (void)reader->Finish();
  }
  grpc::ClientContext context;
  v1::ExportRequest request;
  request.set_what("accounts");
  request.set_format("csv");
  request.set_lang("ja");
  const auto admin = Admin(Role::kViewer);
  const auto reader = admin->Export(&context, request);
  v1::ExportChunk chunk;
  while (reader->Read(&chunk)) {
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(Lines("method=").size(), 12u) << log_.str();
  for (const std::string& secret :
       {token, refused, std::string("yamada"), std::string("secret-row"), std::string("patient-viewer"),
        std::string("BEGIN "), std::string("SELECT"), enrolled.certificate_pem().substr(30, 40)}) {
    EXPECT_THAT(Lines(secret), ::testing::IsEmpty());
  }
}

}  // namespace
}  // namespace daicho::collector

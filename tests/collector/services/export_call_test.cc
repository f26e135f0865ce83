// Exports whose callers go away or do not take what they are sent. Each of them is larger than what lies in buffers
// between the two sides.
#include <algorithm>

#include "tests/collector/services/service_site.h"
#include "tests/collector/store/reports.h"

namespace daicho::collector {
namespace {

using namespace std::chrono_literals;

constexpr int kDevices = 50;
constexpr int kPackages = 20;
constexpr std::size_t kPublisher = 48'000;
constexpr std::size_t kSize = kDevices * kPackages * kPublisher;

class ExportCalls : public ServiceSite {
 protected:
  explicit ExportCalls(const AdminService::ExportLimits& limits = {}) : ServiceSite(IngestSettings{}, limits) {
    Rows rows;
    for (int i = 0; i < kPackages; ++i) {
      v1::Software software;
      software.ParseFromString(SoftwareRow("package-" + std::to_string(i), "1"));
      software.set_publisher(std::string(kPublisher, 'x'));
      rows.push_back(software.SerializeAsString());
    }
    for (int device = 1; device <= kDevices; ++device) {
      testing::EnrolDevice(*store_, testing::DeviceId(device), "pc-" + std::to_string(device), clock_.Now());
      testing::FeedSection(*store_, testing::DeviceId(device), "software", rows, clock_.Now());
    }
  }

  struct Call {
    grpc::ClientContext context;
    std::unique_ptr<v1::Admin::Stub> stub;
    std::unique_ptr<grpc::ClientReader<v1::ExportChunk>> reader;
    v1::ExportChunk chunk;
    std::size_t bytes = 0;
    // The rest of it, and how it ended.
    grpc::Status ReadToTheEnd() {
      while (reader->Read(&chunk)) bytes += chunk.data().size();
      return reader->Finish();
    }
  };
  // An export that is under way: its first chunk has been read.
  std::unique_ptr<Call> Begin() {
    auto call = std::make_unique<Call>();
    call->context.set_deadline(std::chrono::system_clock::now() + 60s);
    call->stub = Admin(Role::kViewer);
    v1::ExportRequest request;
    request.set_what("software");
    request.set_format("csv");
    request.set_lang("ja");
    call->reader = call->stub->Export(&call->context, request);
    if (call->reader->Read(&call->chunk)) call->bytes = call->chunk.data().size();
    return call;
  }
  // Why exports ended early, as the journal has it.
  std::vector<std::string> Ends() {
    return Column("SELECT DISTINCT detail FROM journal WHERE action = 'export.failed' ORDER BY detail");
  }
};

TEST_F(ExportCalls, ComeWholeInChunksOfOneSize) {
  const auto call = Begin();
  EXPECT_EQ(call->chunk.data().size(), 256u << 10);
  const grpc::Status status = call->ReadToTheEnd();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_GT(call->bytes, kSize);
}

TEST_F(ExportCalls, CallersThatGoAwayGiveTheStoreBack) {
  for (int i = 0; i < 8; ++i) {
    const auto call = Begin();
    EXPECT_EQ(call->bytes, 256u << 10);
    call->context.TryCancel();
    EXPECT_EQ(call->ReadToTheEnd().error_code(), grpc::StatusCode::CANCELLED);
  }
  const auto call = Begin();
  EXPECT_TRUE(call->ReadToTheEnd().ok());
  EXPECT_GT(call->bytes, kSize);
  EXPECT_EQ(Ends(), std::vector<std::string>{"the caller went away"});
}

class ImpatientExports : public ExportCalls {
 protected:
  ImpatientExports() : ExportCalls({.patience = 1s, .wait = 40s}) {}
};

TEST_F(ImpatientExports, CallersThatDoNotReadAreCutOff) {
  const auto one = Begin();
  const auto other = Begin();
  const auto third = Begin();  // waits for one of the two to be cut off
  EXPECT_EQ(third->bytes, 256u << 10);
  EXPECT_TRUE(third->ReadToTheEnd().ok());
  for (const auto& stalled : {one.get(), other.get()}) {
    EXPECT_EQ(stalled->ReadToTheEnd().error_code(), grpc::StatusCode::CANCELLED);
    EXPECT_LT(stalled->bytes, kSize);
  }
  EXPECT_EQ(Ends(), std::vector<std::string>{"the caller does not take the export"});
}

class BusyExports : public ExportCalls {
 protected:
  BusyExports() : ExportCalls({.patience = 60s, .wait = 0s}) {}
};

// They hold connections to the store for as long as their callers like: lists and rules must not wait for them.
TEST_F(BusyExports, ThirdAtATimeIsToldToComeAgainAndListsGoOn) {
  const auto one = Begin();
  const auto other = Begin();
  const auto third = Begin();
  EXPECT_EQ(third->bytes, 0u);
  const grpc::Status status = third->ReadToTheEnd();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(), "the collector is busy with other exports; try again");

  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 40s);
  const auto stub = Admin(Role::kViewer);
  v1::ListSoftwareRequest request;
  request.set_name("package-1");
  const auto reader = stub->ListSoftware(&context, request);
  v1::SoftwareEntry entry;
  int entries = 0;
  while (reader->Read(&entry)) ++entries;
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(entries, kDevices);
  EXPECT_TRUE(one->ReadToTheEnd().ok());
  EXPECT_TRUE(other->ReadToTheEnd().ok());
}

}  // namespace
}  // namespace daicho::collector

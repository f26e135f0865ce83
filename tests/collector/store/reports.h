// Devices and reports for tests of everything that stands on the store: rules, reports, services.
// A failure throws std::runtime_error, which GoogleTest reports as the failure of the test.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/store.h"

namespace daicho::collector::testing {

// 2026-04-01T00:00:00Z: when tests begin.
inline constexpr UnixTime kStart = 1'775'001'600;
inline constexpr UnixTime kDay = 86'400;

// 32 hex digits that end in `number`.
std::string DeviceId(int number);

// Serial of the certificate that EnrolDevice gives the device.
std::string SerialOf(const std::string& device_id);

// Commits one write and gives it back with its result. The commit as a whole must succeed.
template <typename Write>
Write CommitOne(Store& store, Write write);

// A write of a device that was enrolled with EnrolDevice, for a request that the caller fills in.
struct CheckInToDo {
  std::shared_ptr<v1::CheckInRequest> request = std::make_shared<v1::CheckInRequest>();
  CheckInWrite write;
};
CheckInToDo NewCheckIn(const std::string& device_id, UnixTime at);
struct ReportToDo {
  std::shared_ptr<v1::ReportRequest> request = std::make_shared<v1::ReportRequest>();
  ReportWrite write;
};
ReportToDo NewReport(const std::string& device_id, UnixTime at);

// Makes a token and enrols the device with it. The certificate's serial is SerialOf the device.
void EnrolDevice(Store& store, const std::string& device_id, const std::string& hostname, UnixTime at);

// Reports a section as a whole (in any order of rows).
v1::SectionResult FeedSection(Store& store, const std::string& device_id, const std::string& section, Rows rows,
                              UnixTime at, v1::SectionStatus status = v1::OK);

// Reports the change against what the store holds.
v1::SectionResult FeedChange(Store& store, const std::string& device_id, const std::string& section, Rows rows,
                             UnixTime at, v1::SectionStatus status = v1::OK);

// Checks in with the digests of the given rows, each section in state OK.
std::vector<v1::SectionWanted> CheckInOk(Store& store, const std::string& device_id,
                                         const std::map<std::string, Rows>& sections, UnixTime at);

// Rows of a SELECT; values as text, NULL as "-".
std::vector<std::vector<std::string>> Ask(const Store& store, const std::string& sql,
                                          const std::map<std::string, SqlValue>& parameters = {});

// One value of a SELECT of one row and column.
std::string AskOne(const Store& store, const std::string& sql, const std::map<std::string, SqlValue>& parameters = {});

// Rows of sections. What is not given is not known.
std::string PackageRow(const std::string& name, const std::string& version, UnixTime installed_at = 0,
                       const std::string& state = "installed");
std::string AccountRow(const std::string& name, std::uint32_t uid, UnixTime last_use_at = 0);
std::string OsRow(const std::string& hostname, const std::string& version = "12.5");
std::string InterfaceRow(const std::string& name, const std::string& mac, const std::vector<std::string>& addresses,
                         const std::string& kind = "ethernet", bool is_virtual = false);
std::string ListenerRow(std::uint32_t port, const std::string& program);

// Letters and digits that no engine makes shorter, the same each time.
std::string IncompressibleText(std::size_t size);

template <typename Write>
Write CommitOne(Store& store, Write write) {
  std::vector<StoreWrite> batch;
  batch.emplace_back(std::move(write));
  if (const Status committed = store.Commit(batch); !committed) throw std::runtime_error(committed.error().message);
  return std::get<Write>(std::move(batch.front()));
}

}  // namespace daicho::collector::testing

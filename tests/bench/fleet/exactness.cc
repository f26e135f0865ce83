#include "tests/bench/fleet/exactness.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>

#include "collector/ctl/profile.h"
#include "common/json.h"
#include "common/sections.h"
#include "tests/bench/fleet/machine_facts.h"

namespace daicho::fleet {

v1::SoftwareEntry SoftwareEntryOf(const Expected& expected, const std::string& row) {
  v1::Software one;
  one.ParseFromString(row);
  v1::SoftwareEntry entry;
  entry.set_device_id(expected.device_id);
  entry.set_hostname(HostnameOf(expected.machine));
  entry.set_name(one.name());
  entry.set_version(one.version());
  entry.set_architecture(one.architecture());
  entry.set_manager(one.manager());
  entry.set_state(one.state());
  entry.set_source(one.source());
  entry.set_publisher(one.publisher());
  *entry.mutable_installed_at() = one.installed_at();
  return entry;
}

namespace {

constexpr std::size_t kMostDifferences = 3;  // of a device
constexpr std::size_t kMostProblems = 10;    // of all

// The rows of one section on both sides, as bytes.
template <typename Message>
void CompareRows(const std::string& section, Rows expected, Rows held, std::vector<std::string>& differences) {
  std::ranges::sort(expected);
  std::ranges::sort(held);
  const auto tell = [&](const Rows& from, const Rows& without, const char* what) {
    Rows only;
    std::ranges::set_difference(from, without, std::back_inserter(only));
    for (const std::string& row : only) {
      if (differences.size() >= kMostDifferences) return;
      Message message;
      message.ParseFromString(row);
      differences.push_back(section + ": " + what + " " + ToJson(message));
    }
  };
  tell(expected, held, "sent and not held:");
  tell(held, expected, "held and not sent:");
}

template <typename Message, typename Messages>
void CompareMessages(const FleetFacts& facts, const Expected& expected, const std::string& section,
                     const Messages& held, std::vector<std::string>& differences) {
  Rows rows;
  for (const Message& message : held) rows.push_back(RowBytes(message));
  CompareRows<Message>(section, *facts.RowsOf(section, expected.machine, expected.generation), std::move(rows),
                       differences);
}

void CompareSections(const FleetFacts& facts, const Expected& expected, const v1::DeviceDetail& detail,
                     std::vector<std::string>& differences) {
  for (const v1::SectionState& sent : facts.StatesOf(expected.machine, expected.generation)) {
    const auto held =
        std::ranges::find_if(detail.sections(), [&](const auto& one) { return one.name() == sent.name(); });
    if (held == detail.sections().end()) {
      differences.push_back(sent.name() + ": not held");
    } else if (held->digest() != sent.digest() || held->row_count() != sent.row_count() ||
               held->status() != sent.status()) {
      differences.push_back(sent.name() + ": " + std::to_string(held->row_count()) + " rows with digest " +
                            Hex(held->digest()).substr(0, 16) + " are held, " + std::to_string(sent.row_count()) +
                            " with " + Hex(sent.digest()).substr(0, 16) + " were sent");
    }
  }
}

void CompareSoftware(const FleetFacts& facts, const Expected& expected, std::vector<v1::SoftwareEntry> held,
                     std::vector<std::string>& differences) {
  Rows sent;
  const auto generated = facts.RowsOf(kSoftware, expected.machine, expected.generation);
  for (const std::string& row : *generated) {
    sent.push_back(RowBytes(SoftwareEntryOf(expected, row)));
  }
  Rows rows;
  for (const v1::SoftwareEntry& entry : held) rows.push_back(RowBytes(entry));
  CompareRows<v1::SoftwareEntry>(kSoftware, std::move(sent), std::move(rows), differences);
}

}  // namespace

std::vector<std::string> DifferencesIn(const FleetFacts& facts, const Expected& expected,
                                       const v1::DeviceDetail& detail, std::vector<v1::SoftwareEntry> software) {
  std::vector<std::string> differences;
  CompareSections(facts, expected, detail, differences);
  CompareSoftware(facts, expected, std::move(software), differences);
  CompareMessages<v1::Account>(facts, expected, "accounts", detail.accounts(), differences);
  CompareMessages<v1::Listener>(facts, expected, "listeners", detail.listeners(), differences);
  CompareMessages<v1::NetworkInterface>(facts, expected, "network", detail.interfaces(), differences);
  CompareMessages<v1::Os>(facts, expected, "os", std::vector<v1::Os>{detail.os()}, differences);
  CompareMessages<v1::Hardware>(facts, expected, "hardware", std::vector<v1::Hardware>{detail.hardware()}, differences);
  if (differences.size() > kMostDifferences) differences.resize(kMostDifferences);
  return differences;
}

namespace {

// Reads devices, one connection a worker.
class Reader {
 public:
  Reader(const FleetFacts& facts, const std::vector<Expected>& devices) : facts_(facts), devices_(devices) {}

  Status Connect(const std::string& profile_path, std::uint32_t connections) {
    const auto profile = collector::LoadProfile(profile_path, collector::Language::kEnglish);
    if (!profile) return std::unexpected(profile.error());
    for (std::uint32_t i = 0; i < connections; ++i) {
      auto session = collector::Session::Connect(*profile, collector::Language::kEnglish);
      if (!session) return std::unexpected(session.error());
      sessions_.push_back(std::move(*session));
    }
    return {};
  }

  Attempt Read(std::uint32_t position, std::uint32_t worker) {
    const Expected& device = devices_[position];
    collector::Session& session = *sessions_[worker];
    v1::ShowDeviceRequest show;
    show.set_device(device.device_id);
    const auto detail = session.ShowDevice(show);
    if (!detail) return {.status = std::unexpected(detail.error())};
    v1::ListSoftwareRequest list;
    list.set_device(device.device_id);
    std::vector<v1::SoftwareEntry> software;
    const Status listed = session.ListSoftware(list, [&](const v1::SoftwareEntry& one) { software.push_back(one); });
    if (!listed) return {.status = listed};
    Note(device, DifferencesIn(facts_, device, *detail, std::move(software)));
    return {};
  }

  Exactness Result() { return std::move(result_); }

 private:
  void Note(const Expected& device, const std::vector<std::string>& differences) {
    const std::lock_guard lock(mutex_);
    ++(differences.empty() ? result_.exact : result_.not_exact);
    for (const std::string& difference : differences) {
      if (result_.problems.size() >= kMostProblems) return;
      result_.problems.push_back(HostnameOf(device.machine) + " (" + device.device_id + ") " + difference);
    }
  }

  const FleetFacts& facts_;
  const std::vector<Expected>& devices_;
  std::vector<std::unique_ptr<collector::Session>> sessions_;
  std::mutex mutex_;
  Exactness result_;
};

}  // namespace

Result<Exactness> CheckExactness(const std::string& profile, const FleetFacts& facts,
                                 const std::vector<Expected>& devices, const PoolSettings& settings) {
  Reader reader(facts, devices);
  if (auto connected = reader.Connect(profile, settings.parallel); !connected) {
    return std::unexpected(connected.error());
  }
  const PoolResult pool = RunJobs(static_cast<std::uint32_t>(devices.size()), settings,
                                  [&](auto position, auto worker) { return reader.Read(position, worker); });
  Exactness result = reader.Result();
  result.seconds = pool.seconds;
  for (const auto& [code, count] : pool.errors) {
    result.not_read += static_cast<std::uint32_t>(count);
    result.problems.push_back(std::to_string(count) + " devices not read: " + code + " " + pool.messages.at(code));
  }
  return result;
}

}  // namespace daicho::fleet

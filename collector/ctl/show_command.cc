#include <algorithm>
#include <memory>
#include <utility>

#include "collector/ctl/account_table.h"
#include "collector/ctl/arguments.h"
#include "collector/ctl/checklist_names.h"
#include "collector/ctl/commands.h"
#include "collector/ctl/past_question.h"
#include "collector/ctl/print_findings.h"
#include "collector/reports/terminal.h"
#include "common/json.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

// Lines of "label   value" without a header; what is not known is left out.
class Facts {
 public:
  explicit Facts(const Context& context) : context_(context) {
    table_.columns = {{"label", "", ""}, {"value", "", ""}};
  }

  void Add(Text label, const std::string& value) {
    if (!value.empty()) table_.rows.push_back({context_.Say(label), value});
  }
  void AddTime(Text label, const google::protobuf::Timestamp& time) {
    if (time.seconds() != 0) Add(label, FormatLocalTime(FromTimestamp(time)));
  }
  const Table& table() const { return table_; }

 private:
  const Context& context_;
  Table table_;
};

void PrintBlock(Context& context, Text title, const Table& table) {
  context.PrintLine(context.Say(title));
  if (table.rows.empty()) {
    context.PrintLine(context.Say(Text::kNothingKnown));
  } else {
    context.PrintTable(table);
  }
  context.PrintLine("");
}

// The first non-empty one of two statements about the same thing.
const std::string& Known(const std::string& first, const std::string& second) { return first.empty() ? second : first; }

void PrintDevice(Context& context, const v1::DeviceDetail& detail) {
  const v1::Device& device = detail.device();
  Facts facts(context);
  facts.AddTime(Text::kLabelAsOf, detail.at());
  facts.Add(Text::kHeadHost, device.hostname());
  facts.Add(Text::kHeadDevice, device.device_id());
  facts.Add(Text::kHeadStatus, context.Word(device.status()));
  if (device.last_seen().seconds() != 0) {
    const UnixTime seen = FromTimestamp(device.last_seen());
    facts.Add(Text::kHeadLastSeen,
              context.Say(Text::kUseFrom, {FormatLocalTime(seen), Age(seen, context.Now(), context.language())}));
  }
  facts.AddTime(Text::kLabelEnrolled, device.enrolled_at());
  facts.AddTime(Text::kLabelRevoked, device.revoked_at());
  facts.Add(Text::kHeadOs, Known(device.os(), detail.os().name()));
  facts.Add(Text::kLabelKernel, Known(device.kernel(), detail.os().kernel()));
  facts.Add(Text::kHeadAddresses, Join(device.addresses()));
  facts.Add(Text::kLabelAgent, device.agent_version());
  if (detail.has_clock_skew_seconds() && detail.clock_skew_seconds() != 0) {
    facts.Add(Text::kLabelClockSkew, std::to_string(detail.clock_skew_seconds()) + " s");
  }
  facts.Add(Text::kHeadSoftware, std::to_string(device.software_count()));
  facts.Add(Text::kHeadAccounts, std::to_string(device.account_count()));
  PrintBlock(context, Text::kShowDevice, facts.table());
}

std::string SectionRemark(const Context& context, const v1::SectionState& section) {
  std::string remark = section.reason();
  if (section.issue_count() > 0 && section.issues_size() > 0) {
    const v1::Issue& issue = section.issues(0);
    std::string place = issue.file();
    if (issue.has_line()) place += ":" + std::to_string(issue.line());
    if (issue.has_record()) place += "#" + std::to_string(issue.record());
    remark += (remark.empty() ? "" : "; ") +
              context.Say(Text::kIssueCount, {std::to_string(section.issue_count()), place + ": " + issue.message()});
  }
  return remark;
}

void PrintSections(Context& context, const v1::DeviceDetail& detail) {
  Table table;
  table.columns = {MakeColumn("name", Text::kHeadSection), MakeColumn("status", Text::kHeadStatus),
                   MakeColumn("row_count", Text::kHeadRows), MakeColumn("reason", Text::kHeadDetail)};
  for (const v1::SectionState& section : detail.sections()) {
    table.rows.push_back({context.Word(section.name()), context.Word(v1::SectionStatus_Name(section.status())),
                          std::int64_t{section.row_count()}, SectionRemark(context, section)});
  }
  PrintBlock(context, Text::kShowSections, table);
}

std::string DiskText(const v1::Disk& disk) {
  std::string text = disk.name();
  if (disk.has_size_mib()) text += "  " + std::to_string(disk.size_mib() / 1024) + " GiB";
  if (!disk.model().empty()) text += "  " + disk.model();
  if (!disk.serial().empty()) text += "  " + disk.serial();
  return text;
}

void PrintHardware(Context& context, const v1::Hardware& hardware) {
  Facts facts(context);
  facts.Add(Text::kLabelManufacturer, hardware.manufacturer());
  facts.Add(Text::kLabelModel, hardware.model());
  facts.Add(Text::kLabelSerial, hardware.serial());
  facts.Add(Text::kLabelUuid, hardware.uuid());
  facts.Add(Text::kLabelChassis, context.Word(hardware.chassis()));
  facts.Add(Text::kLabelVirtualization, context.Word(hardware.virtualization()));
  facts.Add(Text::kLabelBios, hardware.bios_vendor().empty() ? hardware.bios_version()
                                                             : hardware.bios_vendor() + " " + hardware.bios_version());
  facts.Add(Text::kLabelCpu,
            hardware.has_cpu_threads()
                ? context.Say(Text::kThreads, {hardware.cpu_model(), std::to_string(hardware.cpu_threads())})
                : hardware.cpu_model());
  if (hardware.has_memory_mib()) facts.Add(Text::kLabelMemory, std::to_string(hardware.memory_mib()) + " MiB");
  for (const v1::Disk& disk : hardware.disks()) facts.Add(Text::kLabelDisk, DiskText(disk));
  facts.Add(Text::kLabelPlaceholders, Join(hardware.placeholders()));
  PrintBlock(context, Text::kShowHardware, facts.table());
}

// "::ffff:127.0.0.1" is an IPv4 address in the clothes of a tcp6 socket (RFC 4291 section 2.5.5.2).
std::string AddressText(const std::string& address) {
  constexpr std::string_view kMapped = "::ffff:";
  const bool mapped = address.starts_with(kMapped) && address.find('.') != std::string::npos;
  return mapped ? address.substr(kMapped.size()) : address;
}

void PrintNetwork(Context& context, const v1::DeviceDetail& detail) {
  Table interfaces;
  interfaces.columns = {MakeColumn("name", Text::kHeadName), MakeColumn("kind", Text::kHeadKind),
                        MakeColumn("mac", Text::kHeadMac), MakeColumn("addresses", Text::kHeadAddresses)};
  for (const v1::NetworkInterface& interface : detail.interfaces()) {
    interfaces.rows.push_back(
        {interface.name(), context.Word(interface.kind()), interface.mac(), Join(interface.addresses())});
  }
  PrintBlock(context, Text::kShowNetwork, interfaces);
  Table listeners;
  listeners.columns = {MakeColumn("protocol", Text::kHeadProtocol), MakeColumn("address", Text::kHeadAddress),
                       MakeColumn("port", Text::kHeadPort), MakeColumn("program", Text::kHeadProgram)};
  for (const v1::Listener& listener : detail.listeners()) {
    listeners.rows.push_back({listener.protocol(), AddressText(listener.address()),
                              listener.has_port() ? Cell(std::int64_t{listener.port()}) : Cell(), listener.program()});
  }
  PrintBlock(context, Text::kShowListeners, listeners);
}

void PrintAccounts(Context& context, const v1::DeviceDetail& detail) {
  Table table;
  table.columns = AccountColumns();
  for (const v1::Account& account : detail.accounts()) {
    table.rows.push_back(AccountCells(account, context.language()));
  }
  PrintBlock(context, Text::kShowAccounts, table);
}

// "812 B", "2.2 KiB", "14.0 MiB".
std::string SizeText(std::uint64_t bytes) {
  constexpr std::uint64_t kUnit = 1024;
  if (bytes < kUnit) return std::to_string(bytes) + " B";
  const bool large = bytes >= kUnit * kUnit;
  const std::uint64_t tenths = bytes * 10 / (large ? kUnit * kUnit : kUnit);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + (large ? " MiB" : " KiB");
}

void PrintLastCycle(Context& context, const v1::DeviceDetail& detail) {
  Facts facts(context);
  if (detail.has_last_cycle()) {
    const v1::CycleUsage& usage = detail.last_cycle();
    facts.Add(Text::kLabelCpuTime, std::to_string(usage.cpu_ms()) + " ms");
    facts.Add(Text::kLabelPeakMemory, std::to_string(usage.peak_rss_kib()) + " KiB");
    facts.Add(Text::kLabelBytesOut, SizeText(usage.bytes_out()));
    facts.Add(Text::kLabelOverruns, Join(usage.overruns()));
  }
  PrintBlock(context, Text::kShowLastCycle, facts.table());
}

Status PrintSheet(Context& context, Session& session, const v1::DeviceDetail& detail) {
  const auto names = ChecklistNames::Load(session);
  if (!names) return std::unexpected(names.error());
  PrintDevice(context, detail);
  PrintSections(context, detail);
  PrintHardware(context, detail.hardware());
  PrintNetwork(context, detail);
  PrintAccounts(context, detail);
  context.PrintLine(context.Say(Text::kShowFindings));
  if (detail.findings().empty()) {
    context.PrintLine(context.Say(Text::kNoFindings));
    context.PrintLine("");
  } else {
    PrintFindings(context, {detail.findings().begin(), detail.findings().end()}, *names, true);
  }
  if (!detail.has_at()) PrintLastCycle(context, detail);
  return {};
}

struct ShowOptions {
  std::string device;
  std::string at;
};

ExitCode ShowDevice(Context& context, const ShowOptions& options) {
  v1::ShowDeviceRequest request;
  request.set_device(options.device);
  if (const Status good = SetMoment(context, options.at, request); !good) return context.Report(good.error());
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  const auto detail = (*session)->ShowDevice(request);
  if (!detail) return context.Report(detail.error());
  if (!AnswersTheQuestion(request, *detail)) return context.Report(TooOld(context, **session));
  if (context.json()) {
    context.PrintLine(ToJson(*detail));
    return ExitCode::kDone;
  }
  const Status printed = PrintSheet(context, **session, *detail);
  return printed ? ExitCode::kDone : context.Report(printed.error());
}

}  // namespace

void AddShowCommand(const CommandLine& line) {
  CLI::App* show =
      line.Add(line.app, "show", Text::kAboutShow, "daicho show ward3-pc01 --at 2026-11-01", Text::kExitDevice);
  const auto options = std::make_shared<ShowOptions>();
  show->add_option("device", options->device, line.Help(Text::kArgDevice))->required();
  show->add_option("--at", options->at, line.Help(Text::kOptAt))->option_text("DATE");
  show->callback([options, &chosen = line.chosen] {
    chosen = [options](Context& context) { return ShowDevice(context, *options); };
  });
}

}  // namespace daicho::collector

#include <algorithm>
#include <memory>

#include "collector/ctl/arguments.h"
#include "collector/ctl/commands.h"
#include "collector/ctl/device_names.h"
#include "common/json.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

std::vector<Column> DeviceColumns() {
  return {MakeColumn("device_id", Text::kHeadDevice),       MakeColumn("hostname", Text::kHeadHost),
          MakeColumn("status", Text::kHeadStatus),          MakeColumn("os", Text::kHeadOs),
          MakeColumn("last_seen", Text::kHeadLastSeen),     MakeColumn("software_count", Text::kHeadSoftware),
          MakeColumn("account_count", Text::kHeadAccounts), MakeColumn("open_findings", Text::kHeadFindings)};
}

// "Debian GNU/Linux 12 (bookworm)" as "Debian 12 (bookworm)"; on a narrow terminal as "Debian 12", and a long name as
// "Red Hat E… 9.4": what must be seen is the version.
std::string ShortOs(std::string os, std::size_t width) {
  constexpr std::string_view kGnu = " GNU/Linux";
  constexpr std::size_t kWide = 100;
  constexpr std::size_t kNarrowOs = 14;  // what 80 columns leave
  if (const std::size_t gnu = os.find(kGnu); gnu != std::string::npos) os.erase(gnu, kGnu.size());
  const std::size_t blank = os.find_first_of("0123456789") - 1;  // before the version, if there is one
  if (width == 0 || width >= kWide || blank >= os.size() || os[blank] != ' ') return os;
  const std::string version = os.substr(blank, os.find(' ', blank + 1) - blank);
  const std::size_t room = kNarrowOs - std::min(version.size(), kNarrowOs / 2);
  return CutToWidth(os.substr(0, blank), room) + version;
}

std::vector<Cell> DeviceCells(const v1::Device& device, Context& context) {
  return {ShortId(device.device_id()),
          device.hostname(),
          context.Word(device.status()),
          ShortOs(device.os(), context.console().width),
          Age(FromTimestamp(device.last_seen()), context.Now(), context.language()),
          std::int64_t{device.software_count()},
          std::int64_t{device.account_count()},
          std::int64_t{device.open_findings()}};
}

ExitCode ListDevices(Context& context) {
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  TablePrinter table(context, DeviceColumns());
  std::uint64_t findings = 0;
  const Status status = (*session)->ListDevices([&](const v1::Device& device) {
    if (context.json()) {
      context.PrintLine(ToJson(device));
      return;
    }
    findings += device.open_findings();
    table.Add(DeviceCells(device, context));
  });
  table.Finish();
  if (!status) return context.Report(status.error());
  if (context.json()) return ExitCode::kDone;
  if (table.rows() == 0) {
    context.PrintLine(context.Say(Text::kNoDevices));
  } else {
    context.PrintLine(context.Say(Text::kSumDevices, {std::to_string(table.rows()), std::to_string(findings)}));
  }
  return ExitCode::kDone;
}

struct RevokeOptions {
  std::string device;
  std::string reason;
  bool yes = false;
};

// Shows which device is meant before asking: a prefix or a host name may be another one than the admin thinks.
Status Confirm(Context& context, Session& session, const std::string& device) {
  Console& console = context.console();
  if (!console.in_is_terminal) return Fail(Code::kInvalidArgument, context.Say(Text::kErrNeedsYes));
  v1::ShowDeviceRequest request;
  request.set_device(device);
  const auto detail = session.ShowDevice(request);
  if (!detail) return std::unexpected(detail.error());
  const v1::Device& found = detail->device();
  console.err << CleanText(context.Say(Text::kConfirmRevoke, {found.hostname(), found.device_id()})) << std::flush;
  std::string answer;
  std::getline(console.in, answer);
  const std::string_view word = Trim(answer);
  if (word == "y" || word == "Y" || word == "yes") return {};
  return Fail(Code::kFailedPrecondition, context.Say(Text::kErrNotConfirmed));
}

ExitCode RevokeDevice(Context& context, const RevokeOptions& options) {
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  if (!options.yes) {
    if (const Status confirmed = Confirm(context, **session, options.device); !confirmed) {
      return context.Report(confirmed.error());
    }
  }
  v1::RevokeDeviceRequest request;
  request.set_device(options.device);
  request.set_reason(options.reason);
  const auto device = (*session)->RevokeDevice(request);
  if (!device) return context.Report(device.error());
  context.PrintLine(context.json() ? ToJson(*device)
                                   : context.Say(Text::kRevoked, {device->hostname(), device->device_id()}));
  return ExitCode::kDone;
}

}  // namespace

void AddDeviceCommands(const CommandLine& line) {
  CLI::App* devices = line.Add(line.app, "devices", Text::kAboutDevices, "daicho devices --json", Text::kExitList);
  devices->callback([&chosen = line.chosen] { chosen = ListDevices; });

  CLI::App* revoke = line.Add(line.app, "revoke", Text::kAboutRevoke,
                              "daicho revoke ward3-pc01 --reason \"disposed of\" --yes", Text::kExitDevice);
  const auto options = std::make_shared<RevokeOptions>();
  revoke->add_option("device", options->device, line.Help(Text::kArgDevice))->required();
  revoke->add_option("--reason", options->reason, line.Help(Text::kOptRevokeReason))->required()->option_text("TEXT");
  revoke->add_flag("--yes,-y", options->yes, line.Help(Text::kOptYes));
  revoke->callback([options, &chosen = line.chosen] {
    chosen = [options](Context& context) { return RevokeDevice(context, *options); };
  });
}

}  // namespace daicho::collector

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "agent/collect/snapshot.h"
#include "agent/commands/commands.h"
#include "agent/commands/endpoint_input.h"
#include "agent/commands/print.h"
#include "common/exit_code.h"
#include "common/json.h"
#include "common/sections.h"
#include "common/text.h"

namespace daicho::agent {

namespace {

struct Options {
  std::string root = "/";
  std::vector<std::string> sections;
  bool json = false;
};

constexpr std::size_t kTerminalColumns = 110;
constexpr int kRowsShown = 5;
constexpr std::size_t kPieceBytes = 64u << 10;

// A section may have many rows: they go out while they are written, and not as one text.
bool PrintJson(const v1::Section& section) {
  std::string line = "{\"section\":";
  AppendJsonString(section.name(), line);
  line += ",\"status\":\"" + v1::SectionStatus_Name(section.status()) + '"';
  if (!section.reason().empty()) {
    line += ",\"reason\":";
    AppendJsonString(section.reason(), line);
  }
  line += ",\"issues\":[";
  for (const v1::Issue& issue : section.issues()) {
    if (&issue != &*section.issues().begin()) line += ',';
    AppendJson(issue, line);
  }
  line += "],\"rows\":[";
  const SectionType* type = FindSection(section.name());
  const std::unique_ptr<google::protobuf::Message> row(type ? type->prototype->New() : nullptr);
  bool first = true;
  for (const std::string& bytes : section.rows()) {
    if (!row || !row->ParseFromString(bytes)) continue;
    if (!std::exchange(first, false)) line += ',';
    AppendJson(*row, line);
    if (line.size() < kPieceBytes) continue;
    if (!Print(line)) return false;
    line.clear();
  }
  return Print(line + "]}\n");
}

bool PrintForPeople(const v1::Section& section) {
  std::string text = section.name() + ": " + v1::SectionStatus_Name(section.status()) + ", " +
                     std::to_string(section.rows_size()) + " rows, " + std::to_string(section.issues_size()) +
                     " issues";
  if (!section.reason().empty()) text += " (" + section.reason() + ")";
  text += '\n';
  const SectionType* type = FindSection(section.name());
  for (int i = 0; type && i < std::min(section.rows_size(), kRowsShown); ++i) {
    const auto row = ParseRow(*type, section.rows(i));
    if (row) text += "  " + CutToWidth(ToJson(**row), kTerminalColumns) + '\n';
  }
  for (const v1::Issue& issue : section.issues()) {
    text += "  issue: " + CleanText(issue.file()) + (issue.has_line() ? ":" + std::to_string(issue.line()) : "") +
            ": " + CleanText(issue.message()) + '\n';
  }
  return Print(text);
}

int Snapshot(const Options& options) {
  const auto sources = SelectSources(options.sections);
  if (!sources) return Complain(sources.error());
  const auto endpoint = EndpointInput::Open(options.root);
  if (!endpoint) return Complain(endpoint.error());
  const SourceInput input = endpoint->At(SystemClock().Now());
  for (const Source* source : *sources) {
    const v1::Section section = CollectSection(*source, input);
    if (!(options.json ? PrintJson(section) : PrintForPeople(section))) {
      return Complain({Code::kDataLoss, "standard output cannot be written"});
    }
  }
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace

void AddSnapshot(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("snapshot", "Show what this machine, or the files below a root, say. Sends nothing.");
  command->add_option("--root", options->root, "folder with the files of a system")->capture_default_str();
  command->add_option("--section", options->sections, "only this section (may be repeated)");
  command->add_flag("--json", options->json, "one JSON object a section a line");
  command->footer(HelpFooter("daicho-agent snapshot --section accounts --json"));
  command->callback([&action, options] { action = [options] { return Snapshot(*options); }; });
}

}  // namespace daicho::agent

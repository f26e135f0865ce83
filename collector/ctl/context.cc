#include "collector/ctl/context.h"

#include <google/protobuf/timestamp.pb.h>

#include <utility>

#include "collector/reports/terminal.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kBlockRows = 10'000;

}  // namespace

Context::Context(const Surroundings& surroundings, Language language, bool json, std::string profile)
    : surroundings_(surroundings), language_(language), json_(json), profile_(std::move(profile)) {}

Result<Session*> Context::Connect() {
  const Result<std::string> path = FindProfile(profile_, surroundings_.environment, language_);
  if (!path) return std::unexpected(path.error());
  const Result<Profile> profile = LoadProfile(*path, language_);
  if (!profile) return std::unexpected(profile.error());
  Result<std::unique_ptr<Session>> session = surroundings_.connect(*profile, language_);
  if (!session) return std::unexpected(session.error());
  session_ = std::move(*session);
  return session_.get();
}

std::string Context::Say(Text text, std::initializer_list<std::string_view> values) const {
  return collector::Say(language_, text, values);
}

void Context::PrintLine(std::string_view line) {
  Console& console = surroundings_.console;
  if (console.width > 0) {
    console.out << CleanText(line) << '\n';
  } else {
    console.out << line << '\n';
  }
}

void Context::PrintTable(const Table& table, const std::vector<std::string>& notes) {
  surroundings_.console.out << RenderTerminal(table, language_, surroundings_.console.width, notes);
}

void Context::Note(std::string_view sentence) { surroundings_.console.err << CleanText(sentence) << '\n'; }

ExitCode Context::Report(const Error& error) {
  surroundings_.console.err << "daicho: " << CleanText(error.message) << '\n';
  return ExitCodeFor(error.code);
}

Column MakeColumn(std::string id, Text header) {
  return {std::move(id), std::string(Say(Language::kJapanese, header)), std::string(Say(Language::kEnglish, header))};
}

Cell TimeCell(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return {};
  return Time{FromTimestamp(time)};
}

TablePrinter::TablePrinter(Context& context, std::vector<Column> columns) : context_(context) {
  table_.columns = std::move(columns);
}

void TablePrinter::Add(std::vector<Cell> row) {
  table_.rows.push_back(std::move(row));
  ++rows_;
  if (table_.rows.size() == kBlockRows) Finish();
}

void TablePrinter::Finish() {
  if (table_.rows.empty()) return;
  context_.PrintTable(table_);
  table_.rows.clear();
}

}  // namespace daicho::collector

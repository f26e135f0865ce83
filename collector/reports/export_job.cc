#include "collector/reports/export_job.h"

#include <algorithm>

#include "collector/reports/render.h"
#include "collector/reports/report.h"
#include "collector/rules/toml_reader.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxNameBytes = 64;

// It begins file names: nothing that a path or a shell takes for something else.
bool IsJobName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && name[0] != '-' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

Result<ExportJob> ParseExportJob(const toml::table& entry, const std::string& file) {
  TomlReader reader(entry, file, "an export", {"name", "what", "format", "lang", "folder", "schedule", "keep"});
  const auto check = [&reader](const char* key, const Status& checked) {
    if (reader.ok() && !checked) reader.Wrong(key, checked.error().message);
  };
  ExportJob job;
  job.name = reader.Text("name");
  if (reader.ok() && !IsJobName(job.name)) {
    reader.Wrong("name", "'name' must be lower-case letters, digits and hyphens, at most 64");
  }
  job.what = reader.Text("what");
  check("what", CheckReportName(job.what));
  job.format = reader.Text("format");
  check("format", CheckFormat(job.format));
  job.lang = reader.OneOf("lang", {"ja", "en"}, "ja") == "en" ? Language::kEnglish : Language::kJapanese;
  job.folder = reader.Text("folder");
  if (reader.ok() && !job.folder.starts_with('/')) reader.Wrong("folder", "'folder' must be an absolute path");
  const std::string text = reader.Text("schedule");
  const auto schedule = reader.ok() ? ParseSchedule(text) : Result<Schedule>(Schedule());
  if (schedule) {
    job.schedule = *schedule;
  } else {
    reader.Wrong("schedule", schedule.error().message);
  }
  job.keep = static_cast<std::uint32_t>(reader.Number("keep", 1, 10'000, job.keep));
  if (auto done = reader.Finish(); !done) return std::unexpected(done.error());
  return job;
}

}  // namespace daicho::collector

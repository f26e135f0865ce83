#include "collector/reports/export_files.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <system_error>
#include <vector>

#include "collector/reports/render.h"
#include "collector/rules/zone.h"

namespace daicho::collector {

namespace {

constexpr std::string_view kTimePattern = "-00000000-0000";  // 0: any digit

bool MatchesTime(std::string_view text) {
  return text.size() == kTimePattern.size() &&
         std::equal(text.begin(), text.end(), kTimePattern.begin(),
                    [](char c, char pattern) { return pattern == '0' ? (c >= '0' && c <= '9') : c == pattern; });
}

}  // namespace

std::string ExportFileName(const ExportJob& job, UnixTime at) {
  const LocalTime local = ToLocal(at, job.schedule.zone).value_or(LocalTime());
  char time[80];
  std::snprintf(time, sizeof time, "-%04d%02u%02u-%02d%02d", local.year, local.month, local.day, local.hour,
                local.minute);
  return job.name + time + std::string(FileExtension(job.format));
}

bool IsExportOf(const ExportJob& job, std::string_view file_name) {
  const std::string_view extension = FileExtension(job.format);
  if (!file_name.starts_with(job.name) || !file_name.ends_with(extension)) return false;
  if (file_name.size() != job.name.size() + kTimePattern.size() + extension.size()) return false;
  return MatchesTime(file_name.substr(job.name.size(), kTimePattern.size()));
}

Status RemoveOldExports(const ExportJob& job) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(job.folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unreadable;
    const std::string name = entry->path().filename().string();
    if (IsExportOf(job, name) && entry->is_regular_file(unreadable)) names.push_back(name);
  }
  if (error) return Fail(Code::kPermissionDenied, job.folder + ": old exports cannot be listed: " + error.message());
  // Names sort as their times do.
  std::sort(names.begin(), names.end(), std::greater<>());
  for (std::size_t i = job.keep; i < names.size(); ++i) {
    const std::string file = job.folder + "/" + names[i];
    if (!std::filesystem::remove(file, error) && error) {
      return Fail(Code::kPermissionDenied, file + ": old export cannot be deleted: " + error.message());
    }
  }
  return {};
}

}  // namespace daicho::collector

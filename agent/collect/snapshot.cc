#include "agent/collect/snapshot.h"

#include <algorithm>
#include <exception>

#include "common/text.h"

namespace daicho::agent {

namespace {

v1::Section FailedSection(std::string_view name, std::string_view why) {
  v1::Section section;
  section.set_name(std::string(name));
  section.set_status(v1::FAILED);
  section.set_reason("source '" + std::string(name) + "' ended with an error: " + CleanText(why));
  return section;
}

}  // namespace

v1::Section CollectSection(const Source& source, const SourceInput& input) {
  try {
    return source.collect(input);
  } catch (const std::exception& error) {
    return FailedSection(source.section, error.what());
  } catch (...) {
    return FailedSection(source.section, "unknown exception");
  }
}

Result<std::vector<const Source*>> SelectSources(std::span<const std::string> names, std::span<const Source> all) {
  for (const std::string& name : names) {
    if (std::ranges::find(all, std::string_view(name), &Source::section) != all.end()) continue;
    std::string valid;
    for (const Source& source : all) valid += (valid.empty() ? "" : ", ") + std::string(source.section);
    return Fail(Code::kInvalidArgument, "no section is called '" + CleanText(name) + "'; choose from: " + valid);
  }
  std::vector<const Source*> chosen;
  for (const Source& source : all) {
    if (names.empty() || std::ranges::find(names, source.section) != names.end()) chosen.push_back(&source);
  }
  return chosen;
}

}  // namespace daicho::agent

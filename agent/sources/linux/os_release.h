// Parser of os-release(5).
#pragma once

#include <string>
#include <string_view>

#include "agent/sources/section_builder.h"

namespace daicho::agent {

struct OsRelease {
  std::string id;
  std::string pretty_name;
  std::string version_id;
  std::string version_codename;
};

// Values without their shell quotes, clean of control characters. A line that is no assignment, or whose quotes do not
// close, is an issue and is left out; the last assignment of a name counts.
OsRelease ParseOsRelease(std::string_view text, std::string_view file, SectionBuilder& section);

}  // namespace daicho::agent

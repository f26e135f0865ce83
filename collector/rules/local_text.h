// A text in the two languages of the system.
#pragma once

#include <string>

namespace daicho::collector {

struct LocalText {
  std::string ja;
  std::string en;

  friend bool operator==(const LocalText&, const LocalText&) = default;
};

}  // namespace daicho::collector

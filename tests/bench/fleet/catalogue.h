// The packages there are: real names and versions of Debian 12 (packages.txt, compiled in), base system first, and
// enlarged without end. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daicho/v1/facts.pb.h"

namespace daicho::fleet {

class Catalogue {
 public:
  Catalogue();

  // The package as dpkg would have it installed, without a time. Past the last real one the names come again with a
  // suffix. `variant` 0 is the version of the list, 1 and more are builds of before; from `upgrades` 1 on, each is a
  // newer one, whatever variant it was.
  v1::Software Package(std::uint32_t index, std::uint32_t variant, std::uint32_t upgrades) const;

  std::uint32_t real() const { return static_cast<std::uint32_t>(entries_.size()); }

  // Hex SHA-256 of the list: two builds with the same one make the same packages.
  const std::string& digest() const { return digest_; }

 private:
  struct Entry {
    std::string_view name;
    bool any_architecture = false;  // "all"
    std::string_view source;
    std::string_view version;
    std::string_view section;
    std::string_view publisher;
  };

  void AddSource(std::string_view line, const std::vector<std::string_view>& publishers);

  std::vector<Entry> entries_;
  std::string digest_;
};

}  // namespace daicho::fleet

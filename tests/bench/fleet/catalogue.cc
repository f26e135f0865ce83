#include "tests/bench/fleet/catalogue.h"

#include "common/delta.h"
#include "common/text.h"

namespace daicho::fleet {

extern const std::string_view kPackages;  // packages.txt

Catalogue::Catalogue() : digest_(Hex(Sha256(kPackages))) {
  std::vector<std::string_view> publishers;
  std::string_view text = kPackages;
  for (std::string_view line; NextLine(text, line);) {
    if (line.starts_with("@ ")) {
      publishers.push_back(line.substr(2));
    } else if (!line.empty() && line.front() != '#') {
      AddSource(line, publishers);
    }
  }
}

void Catalogue::AddSource(std::string_view line, const std::vector<std::string_view>& publishers) {
  const std::vector<std::string_view> words = Split(line, ' ');
  for (std::size_t i = 4; i < words.size(); ++i) {
    std::string_view name = words[i];
    const bool all = name.ends_with('*');
    if (all) name.remove_suffix(1);
    entries_.push_back({.name = name,
                        .any_architecture = all,
                        .source = words[0],
                        .version = words[1],
                        .section = words[2],
                        .publisher = publishers.at(ParseUint32(words[3]).value_or(0))});
  }
}

v1::Software Catalogue::Package(std::uint32_t index, std::uint32_t variant, std::uint32_t upgrades) const {
  const Entry& entry = entries_[index % real()];
  const std::uint32_t again = index / real();
  v1::Software software;
  software.set_manager("dpkg");
  software.set_name(std::string(entry.name) + (again > 0 ? "-v" + std::to_string(again) : ""));
  software.set_architecture(entry.any_architecture ? "all" : "amd64");
  std::string version(entry.version);
  if (upgrades > 0) {
    version += "+deb12u" + std::to_string(upgrades);
  } else if (variant > 0) {
    version += "~bpo11+" + std::to_string(variant);
  }
  software.set_version(version);
  software.set_state("installed");
  if (entry.source != software.name()) software.set_source(std::string(entry.source));
  software.set_publisher(std::string(entry.publisher));
  software.set_section(std::string(entry.section));
  software.set_want("install");
  return software;
}

}  // namespace daicho::fleet

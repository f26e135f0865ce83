// Reader of dpkg's database of packages: stanzas of deb-control(5), fields of dpkg(1) "INFORMATION ABOUT PACKAGES".
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sources/section_builder.h"
#include "agent/sources/source.h"

namespace daicho::agent {

// One package. Views into the database it is in (and into constants).
struct DpkgStanza {
  std::string_view package;
  std::string_view want;   // "install", "hold", "deinstall", "purge", "unknown"
  std::string_view state;  // "installed", "config-files", "not-installed", …: the third word of Status
  std::string_view architecture;
  std::string_view version;
  std::string_view source;  // as written: "name" or "name (version)"
  std::string_view maintainer;
  std::string_view section;
  std::string_view file;  // where it was found, with `line`
  std::uint32_t line = 0;
  bool reinstall_required = false;
  bool multi_arch_same = false;  // several architectures of it may be installed
};

enum class DpkgFile {
  kStatus,   // written by dpkg: every stanza has a Status and is followed by an empty line
  kControl,  // status.d of images without dpkg: no Status means installed
};

// Stanzas in the order in which they were read, and the texts that they point into: those of the fields above only.
struct DpkgDatabase {
  std::vector<DpkgStanza> stanzas;
  std::deque<std::string> texts;

  // `text`, held as long as the database.
  std::string_view Keep(std::string_view text);
};

// Appends all stanzas of a file, those of packages that are not installed included; none if it cannot be read (errors
// of FileTree::Read).
//
// A stanza that cannot be read (a line without colon, no Package or Status, a Status or name that dpkg would not write,
// a field twice, no Version where the state has one) is left out: an issue with file and line, and PARTIAL. A kStatus
// text that was cut is PARTIAL: it ends within a line (then the stanza is left out if the field cut is one of those
// above), or its last stanza has no empty line behind it and lacks the Description that others have.
Status ReadDpkgStatus(const FileTree& files, std::string_view path, std::size_t max_bytes, DpkgFile kind,
                      SectionBuilder& section, DpkgDatabase& database);

}  // namespace daicho::agent

// Parser of dpkg's database of packages: stanzas of deb-control(5), fields of dpkg(1) "INFORMATION ABOUT PACKAGES".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/sources/section_builder.h"

namespace daicho::agent {

// One package. Views into the text that was parsed (and into constants).
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

// Appends all stanzas of `text` in their order, those of packages that are not installed included. `file` names the
// text in issues and must outlive the stanzas.
//
// A stanza that cannot be read (a line without colon, no Package or Status, a Status or name that dpkg would not write,
// a field twice, no Version where the state has one) is left out: an issue with file and line, and PARTIAL. A kStatus
// text that was cut is PARTIAL: it ends within a line (then the stanza is left out if the field cut is one of those
// above), or its last stanza has no empty line behind it and lacks the Description that others have.
void ParseDpkgStatus(std::string_view text, std::string_view file, DpkgFile kind, SectionBuilder& section,
                     std::vector<DpkgStanza>& stanzas);

}  // namespace daicho::agent

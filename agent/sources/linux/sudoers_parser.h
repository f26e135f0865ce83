// Statements of sudoers(5): aliases and rules ("user specifications"), as structure. Defaults are passed over, tags
// such as NOPASSWD: and options such as CWD= as well: they do not decide whether a rule gives root. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace daicho::agent {

// An element of a user, runas or host list: "ALL", "tanaka", "#1000", "%wheel", "%#10", "+netgroup", an alias, an
// address.
struct SudoersMember {
  std::string text;  // quotes and escapes removed
  bool negated = false;
};
using SudoersMembers = std::vector<SudoersMember>;

struct SudoersCommand {
  std::string path;                      // "ALL", an alias, a path with wildcards, a folder ("/usr/bin/"), "sudoedit"
  std::optional<std::string> arguments;  // absent: any
  bool negated = false;
  std::optional<SudoersMembers> runas;  // users to run as; absent: root; empty: oneself
};
using SudoersCommands = std::vector<SudoersCommand>;

struct SudoersGrant {
  SudoersMembers hosts;
  SudoersCommands commands;
};

struct SudoersRule {
  std::string file;
  std::uint32_t line = 0;
  SudoersMembers users;
  std::vector<SudoersGrant> grants;
};

struct Sudoers {
  std::map<std::string, SudoersMembers, std::less<>> user_aliases;
  std::map<std::string, SudoersMembers, std::less<>> runas_aliases;
  std::map<std::string, SudoersMembers, std::less<>> host_aliases;
  std::map<std::string, SudoersCommands, std::less<>> command_aliases;
  std::vector<SudoersRule> rules;  // in the order of reading: of two that speak of a command the last one counts
};

// Adds what one logical line (sudoers_lines.h; no include) states. kInvalidArgument: it is malformed or defines an
// alias again; nothing is added, as sudo(8) passes over such lines. The message says what was expected, not what is
// there.
Status ParseSudoersStatement(std::string_view text, std::string_view file, std::uint32_t line, Sudoers& into);

}  // namespace daicho::agent

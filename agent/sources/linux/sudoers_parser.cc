#include "agent/sources/linux/sudoers_parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "agent/sources/linux/sudoers_cursor.h"

namespace daicho::agent {

namespace {

constexpr std::array<std::string_view, 20> kTags = {
    "PASSWD",      "NOPASSWD",  "EXEC",        "NOEXEC",        "FOLLOW",       "NOFOLLOW",  "INTERCEPT",
    "NOINTERCEPT", "LOG_INPUT", "NOLOG_INPUT", "LOG_OUTPUT",    "NOLOG_OUTPUT", "MAIL",      "NOMAIL",
    "SETENV",      "NOSETENV",  "LOG_SUBCMDS", "NOLOG_SUBCMDS", "SENDMAIL",     "NOSENDMAIL"};
constexpr std::array<std::string_view, 10> kOptions = {"ROLE",     "TYPE", "PRIVS",  "LIMITPRIVS",       "NOTBEFORE",
                                                       "NOTAFTER", "CWD",  "CHROOT", "APPARMOR_PROFILE", "TIMEOUT"};

std::unexpected<Error> Expected(std::string_view what) {
  return Fail(Code::kInvalidArgument, "malformed: " + std::string(what) + " expected; sudo passes over this line");
}

Result<SudoersMembers> ParseMembers(SudoersCursor& cursor, std::string_view what) {
  SudoersMembers members;
  do {
    SudoersMember member;
    member.negated = cursor.TakeNegation();
    member.text = cursor.Word();
    if (member.text.empty()) return Expected(what);
    members.push_back(std::move(member));
  } while (cursor.Take(','));
  return members;
}

// After "(": [users] [":" groups] ")". Groups alone mean running as oneself.
Result<SudoersMembers> ParseRunas(SudoersCursor& cursor) {
  SudoersMembers users;
  if (cursor.Take(')')) return users;
  if (!cursor.Take(':')) {
    auto members = ParseMembers(cursor, "user to run as");
    if (!members) return members;
    users = std::move(*members);
    if (cursor.Take(')')) return users;
    if (!cursor.Take(':')) return Expected("\")\"");
  }
  if (cursor.Take(')')) return users;
  if (const auto groups = ParseMembers(cursor, "group to run as"); !groups) return groups;
  if (!cursor.Take(')')) return Expected("\")\"");
  return users;
}

void SkipTagsAndOptions(SudoersCursor& cursor) {
  for (bool found = true; found;) {
    found = std::ranges::any_of(kTags, [&](std::string_view tag) { return cursor.TakeKeyword(tag, ':'); });
    const bool option =
        std::ranges::any_of(kOptions, [&](std::string_view name) { return cursor.TakeKeyword(name, '='); });
    if (option) cursor.SkipValue();
    found = found || option;
  }
}

Result<SudoersCommands> ParseCommands(SudoersCursor& cursor) {
  SudoersCommands commands;
  // Who to run as holds for the commands that follow, until it is said anew.
  std::optional<SudoersMembers> runas;
  do {
    if (cursor.Take('(')) {
      auto users = ParseRunas(cursor);
      if (!users) return std::unexpected(users.error());
      runas = std::move(*users);
    }
    SkipTagsAndOptions(cursor);
    cursor.SkipDigests();
    SudoersCommand command;
    command.runas = runas;
    command.negated = cursor.TakeNegation();
    cursor.SkipDigests();
    command.path = cursor.CommandWord();
    if (command.path.empty()) return Expected("command");
    if (std::string arguments = cursor.Arguments(); !arguments.empty()) {
      if (command.path == "ALL") return Expected("\",\", \":\" or the end of the line after ALL");
      command.arguments = std::move(arguments);
    }
    commands.push_back(std::move(command));
  } while (cursor.Take(','));
  return commands;
}

bool IsAliasName(std::string_view name) {
  return !name.empty() && name[0] >= 'A' && name[0] <= 'Z' && name != "ALL" &&
         std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

// NAME = list [: NAME = list]…
template <typename List, typename ParseList>
Status ParseAliases(SudoersCursor& cursor, const ParseList& parse, std::map<std::string, List, std::less<>>& into) {
  std::map<std::string, List, std::less<>> found;
  do {
    std::string name = cursor.Word();
    if (!IsAliasName(name)) return Expected("alias name in capitals");
    if (!cursor.Take('=')) return Expected("\"=\" after the alias name");
    auto list = parse(cursor);
    if (!list) return std::unexpected(list.error());
    if (into.contains(name) || !found.emplace(std::move(name), std::move(*list)).second) {
      return Fail(Code::kInvalidArgument, "defines an alias that is already defined; the first definition counts");
    }
  } while (cursor.Take(':'));
  if (!cursor.AtEnd()) return Expected("\",\", \":\" or the end of the line");
  into.merge(found);
  return {};
}

// users hosts = commands [: hosts = commands]…
Result<SudoersRule> ParseRule(SudoersCursor& cursor) {
  SudoersRule rule;
  auto users = ParseMembers(cursor, "user");
  if (!users) return std::unexpected(users.error());
  rule.users = std::move(*users);
  do {
    auto hosts = ParseMembers(cursor, "host");
    if (!hosts) return std::unexpected(hosts.error());
    if (!cursor.Take('=')) return Expected("\"=\" after the hosts");
    auto commands = ParseCommands(cursor);
    if (!commands) return std::unexpected(commands.error());
    rule.grants.push_back({std::move(*hosts), std::move(*commands)});
  } while (cursor.Take(':'));
  if (!cursor.AtEnd()) return Expected("\",\", \":\" or the end of the line");
  return rule;
}

// The keyword that starts the line, if it is one followed by a blank.
bool TakeFirstWord(SudoersCursor& cursor, std::string_view word) {
  cursor.SkipBlanks();
  const std::string_view rest = cursor.rest();
  if (!rest.starts_with(word) || rest.size() == word.size()) return false;
  if (rest[word.size()] != ' ' && rest[word.size()] != '\t') return false;
  cursor = SudoersCursor(rest.substr(word.size()));
  return true;
}

bool IsDefaults(std::string_view rest) {
  constexpr std::string_view kDefaults = "Defaults";
  if (!rest.starts_with(kDefaults)) return false;
  // "Defaults@host", "Defaults:user", "Defaults!command", "Defaults>runas"
  return rest.size() == kDefaults.size() ||
         std::string_view(" \t@:!>").find(rest[kDefaults.size()]) != std::string_view::npos;
}

}  // namespace

Status ParseSudoersStatement(std::string_view text, std::string_view file, std::uint32_t line, Sudoers& into) {
  SudoersCursor cursor(text);
  if (cursor.AtEnd() || IsDefaults(cursor.rest())) return {};
  const auto members = [](SudoersCursor& at) { return ParseMembers(at, "name"); };
  if (TakeFirstWord(cursor, "User_Alias")) return ParseAliases(cursor, members, into.user_aliases);
  if (TakeFirstWord(cursor, "Runas_Alias")) return ParseAliases(cursor, members, into.runas_aliases);
  if (TakeFirstWord(cursor, "Host_Alias")) return ParseAliases(cursor, members, into.host_aliases);
  if (TakeFirstWord(cursor, "Cmnd_Alias") || TakeFirstWord(cursor, "Cmd_Alias")) {
    return ParseAliases(cursor, ParseCommands, into.command_aliases);
  }
  auto rule = ParseRule(cursor);
  if (!rule) return std::unexpected(rule.error());
  rule->file = file;
  rule->line = line;
  into.rules.push_back(std::move(*rule));
  return {};
}

}  // namespace daicho::agent

#include "agent/sources/linux/sudoers_commands.h"

#include <algorithm>
#include <array>
#include <string>

namespace daicho::agent {

namespace {

constexpr std::array<std::string_view, 6> kFolders = {"/bin/",      "/sbin/",          "/usr/bin/",
                                                      "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/"};

constexpr std::array<std::string_view, 37> kCommands = {
    // shells
    "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "ksh93", "mksh", "rbash", "sh", "tcsh", "zsh",
    // other identities
    "su", "sudo", "runuser", "pkexec", "setpriv", "newgrp",
    // accounts and rights
    "visudo", "vipw", "vigr", "passwd", "chpasswd", "useradd", "usermod", "gpasswd", "groupmod",
    // any program
    "env", "chroot", "unshare", "nsenter", "systemd-run", "python", "python3", "perl", "ruby"};

constexpr std::array<std::string_view, 13> kRootArguments = {
    "\"\"", "*", "-", "-l", "--login", "-i", "-s", "root", "- root", "-l root", "--login root", "- *", "-i *"};

constexpr std::array<std::string_view, 6> kRightsFiles = {
    "/etc/sudoers", "/etc/sudoers.d/*", "/etc/passwd", "/etc/shadow", "/etc/group", "/root/.ssh/authorized_keys"};

bool NamesRootCommand(std::string_view path) {
  if (path.ends_with('/')) return std::ranges::find(kFolders, path) != kFolders.end();
  const bool wild = path.find_first_of("*?[") != std::string_view::npos;
  const auto matches = [&](std::string_view folder, std::string_view name) {
    if (!wild) return path.size() == folder.size() + name.size() && path.starts_with(folder) && path.ends_with(name);
    return MatchesWildcard(path, std::string(folder).append(name), true);
  };
  return std::ranges::any_of(kFolders, [&](std::string_view folder) {
    return std::ranges::any_of(kCommands, [&](std::string_view name) { return matches(folder, name); });
  });
}

// One "[…]" of a pattern, or one character, as its length.
std::size_t ElementLength(std::string_view pattern) {
  if (pattern[0] != '[') return 1;
  const auto end = pattern.find(']', 2);
  return end == std::string_view::npos ? 1 : end + 1;
}

bool MatchesElement(std::string_view element, char c, bool path) {
  if (element[0] == '?' || element.size() > 1) return !(path && c == '/');
  return element[0] == c;
}

}  // namespace

bool MatchesWildcard(std::string_view pattern, std::string_view text, bool path) {
  // One step back to the last "*" suffices: linear memory, at most pattern × text steps.
  std::size_t at = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_at = 0;
  while (at < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_at = at;
      continue;
    }
    if (p < pattern.size()) {
      const std::size_t length = ElementLength(pattern.substr(p));
      if (MatchesElement(pattern.substr(p, length), text[at], path)) {
        p += length;
        ++at;
        continue;
      }
    }
    if (star == std::string_view::npos || (path && text[star_at] == '/')) return false;
    p = star + 1;
    at = ++star_at;
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool GivesRoot(const SudoersCommand& command) {
  if (command.path == "ALL") return true;
  if (command.path == "sudoedit" || command.path == "/usr/bin/sudoedit") {
    return !command.arguments || std::ranges::any_of(kRightsFiles, [&](std::string_view file) {
      return *command.arguments == file || MatchesWildcard(*command.arguments, file, false);
    });
  }
  if (command.path.starts_with('^')) return false;
  if (!NamesRootCommand(command.path)) return false;
  return !command.arguments || std::ranges::find(kRootArguments, *command.arguments) != kRootArguments.end();
}

}  // namespace daicho::agent

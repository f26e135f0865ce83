// Which commands of sudoers(5), run as root, amount to being root: ALL, and those whose purpose is to give a shell or
// another identity, to run any program, or to edit accounts and rights. What lets a skilled user out by a side door
// (editors, pagers, package tools) is not among them. Pure.
#pragma once

#include <string_view>

#include "agent/sources/linux/sudoers_parser.h"

namespace daicho::agent {

// Not for aliases. A command counts with any arguments, or with arguments that leave it root's ("su -", "su root");
// "/usr/bin/su - postgres" and "/bin/sh /opt/backup.sh" do not. Wildcards and folders ("/usr/bin/") count if such
// a command is among them.
bool GivesRoot(const SudoersCommand& command);

// Shell wildcards * and ?, which do not match "/" when `path`; "[…]" matches any one character, on the cautious side.
bool MatchesWildcard(std::string_view pattern, std::string_view text, bool path);

}  // namespace daicho::agent

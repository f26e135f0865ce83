// Whether the shell field of passwd(5) lets somebody in.
//
// /etc/shells is not asked: shells(5) limits chsh(1) and FTP servers only, login(1) and sshd(8) start what passwd
// names. It often lists nologin (for FTP users) and often lacks a shell that works. Pure.
#pragma once

#include <string_view>

namespace daicho::agent {

// False for programs that end at once, by base name: nologin, false, true, sync, halt, shutdown, reboot, poweroff.
// Empty means /bin/sh (passwd(5)).
bool IsLoginShell(std::string_view shell);

}  // namespace daicho::agent

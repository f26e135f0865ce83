// Version keys: bytes that sort (memcmp, a prefix first) in the packaging system's own order, so that "below 3.0.11"
// is an indexed comparison and a right one. Two versions that the packaging system calls equal have equal keys.
// Pure; thread-safe; accepts any bytes; independent of the locale. A key has at most 3 bytes for each byte of the
// version and 16 more, and no key is the beginning of another.
//
//   manager     order                      source
//   dpkg        [epoch:]version[-rev]      deb-version(7)
//   rpm         [epoch:]version[-release]  rpm-version(7), rpmverCmp() and rpmvercmp() of librpm
//   pacman      [epoch:]version[-release]  vercmp(8), alpm_pkg_vercmp() of libalpm
//   apk         n.n…[letter][_suffix[n]]…[~hash][-rN]   apk-package(5), src/version.c of apk-tools 3
//   all others  generic                    below; windows, snap, flatpak, appimage, python, node and names not known
//
// Each of them is total: every text has its place. The empty version stands before all others, but in dpkg's order,
// where it is what deb-version(7) makes of it (behind "~"). A part that is missing:
//
//   epoch       0 (dpkg, rpm, pacman).
//   revision    dpkg: equal to 0. rpm, pacman, apk: before every release, so "below 1.2" leaves out 1.2-3 and 1.2-0.1,
//               and lists 1.2~rc1-1. That is rpm's own order and libsolv's; both match a dependency otherwise
//               ("= 1.2" takes any release), and vercmp(8) always does: 1.2-1 = 1.2 = 1.2-2 and 1.2-1 < 1.2-2. Such an
//               equality is no order; this is the one place where pacman's key says more than vercmp(8).
//
// dpkg: what dpkg would not accept is split the same way.
//
// rpm: letters before numbers, '~' before the end, '^' behind it, any other character only separates. librpm is total
// on all bytes (a NUL ends a text there, here it separates), and the key agrees with it everywhere.
//
// pacman: letters before the end, numbers behind it, more separators behind fewer. libalpm contradicts itself on
// versions that end in a separator (1.0.1 < 1.0..a < 1.0. < 1.0.1); these have a place of their own here.
//
// apk: a number behind a point that starts with 0 compares as text and before the others (1.05 < 1.1 < 1.5). A number
// behind the letter (3.3.3p1) is a version of apk-tools 2, and ordered as there. What follows when a text leaves the
// grammar stands before the end, as in apk-tools; there all of it is equal, here it compares in the generic order.
//
// generic: numbers, words and marks, compared from left to right. A number is a run of digits, compared by its value. A
// word is a run of ASCII letters and of bytes from 0x80 on, compared by its bytes and without regard to ASCII case. All
// other characters, spaces too, only separate. A 'v' directly before the first digit, with separators at most before
// it, is dropped. Numbers that are missing are 0 (1.2 = 1.2.0, 1.0rc = 1.0rc0, 1.2 beta = 1.2.0 beta), and a version
// with nothing but separators is empty. What may come next, lowest first:
//
//   '~'                                      1.0~x
//   dev                                      1.0.dev3       pre-release words, with any separator or none;
//   alpha, a before a digit, α               1.0a1          between words of one line nothing decides
//   beta, b before a digit, β                1.0 Beta 2
//   pre, preview                             1.0_pre1
//   rc, c before a digit                     1.0-rc.1
//   any other word directly behind '-'       1.0-canary     but post, p, pl, patch, r, rev, sp, update, hotfix, final,
//   the end                                  1.0            release and ga, which are words as below
//   '+'                                      1.0+build5
//   '-' directly before a digit              1.0-2          a revision: 1.0 < 1.0-2 < 1.0.1
//   any other word                           1.1.1w         letters of patches, "SP1", "(x64)", ".post1"
//   a number                                 1.0.1
//
// PEP 440's normal forms keep their order, but for epochs ("1!2.0" is a 1 and a 2). Semantic Versioning's order holds
// but for these: 1.0.0-1 is a revision and no pre-release; dev stands before alpha, and both before -canary;
// -alpha.beta stands before -alpha; 1.0.0+x stands behind 1.0.0 and is not equal to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace daicho {

// Key of `version` in the order of `manager` (v1::Software.manager: "dpkg", "rpm", …). Keys of managers with different
// orders do not compare. Keys are stored: what a manager's versions give must not change.
std::string VersionKey(std::string_view manager, std::string_view version);

// Managers with an order of their own; all others share the generic one.
std::vector<std::string_view> VersionedManagers();

}  // namespace daicho

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/sources/linux/admin_rights.h"
#include "agent/sources/linux/authorized_keys.h"
#include "agent/sources/linux/escaped_name.h"
#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/login_defs.h"
#include "agent/sources/linux/login_evidence.h"
#include "agent/sources/linux/login_shell.h"
#include "agent/sources/linux/memberships.h"
#include "agent/sources/linux/shadow_file.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::agent {

namespace {

std::string WithAdvice(const Error& error) {
  return error.code == Code::kPermissionDenied ? error.message + "; run as root" : error.message;
}

class AccountsCollector {
 public:
  explicit AccountsCollector(const SourceInput& input) : input_(input), section_("accounts") {}

  v1::Section Run() {
    if (!ReadPasswd()) return Finish();
    ReadGroups();
    ReadShadow();
    ReadHumanUids();
    const Memberships memberships(passwd_, group_);
    if (!memberships.complete()) {
      groups_known_ = false;
      section_.Partial(std::string(kGroupPath) + ": too many groups share gids; memberships are missing");
    }
    const AdminRights rights(input_.files, passwd_, issues_);
    if (!rights.complete()) section_.Partial(rights.reason() + "; other administrators may exist");
    const std::vector<AccountUse> uses = ReadUses();
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < passwd_.entries.size(); ++i) {
      const PasswdEntry& entry = passwd_.entries[i];
      v1::Account account;
      FillIdentity(entry, account);
      FillRights(entry, memberships.GroupsOf(i), rights, account);
      FillLogin(entry, names.insert(entry.name).second, account);
      FillUse(uses[i], account);
      section_.AddRow(account);
    }
    return Finish();
  }

 private:
  v1::Section Finish() {
    issues_.MoveTo(section_);
    return section_.Take();
  }

  bool ReadPasswd() {
    const auto text = input_.files.Read(kPasswdPath, kMaxConfigBytes);
    if (!text) {
      section_.Failed(WithAdvice(text.error()));
      return false;
    }
    passwd_ = ParsePasswd(*text, issues_);
    if (passwd_.entries.empty()) {
      section_.Failed(std::string(kPasswdPath) + ": holds no account; restore it from /etc/passwd-");
      return false;
    }
    if (passwd_.cut) section_.Partial(std::string(kPasswdPath) + ": is cut; accounts may be missing");
    return true;
  }

  void ReadGroups() {
    const auto text = input_.files.Read(kGroupPath, kMaxConfigBytes);
    if (!text) {
      groups_known_ = false;
      section_.Partial(WithAdvice(text.error()));
      return;
    }
    group_ = ParseGroup(*text, issues_);
    groups_known_ = !group_.cut;
    if (group_.cut) section_.Partial(std::string(kGroupPath) + ": is cut; groups may be missing");
  }

  void ReadShadow() {
    const auto text = input_.files.Read(kShadowPath, kMaxConfigBytes);
    if (!text) return section_.Partial(WithAdvice(text.error()));
    if (text->empty()) return section_.Partial(std::string(kShadowPath) + ": is empty");
    shadow_ = ParseShadow(*text, issues_);
    if (shadow_->cut) section_.Partial(std::string(kShadowPath) + ": is cut; what follows is not known");
  }

  void ReadHumanUids() {
    const auto text = input_.files.Read(kLoginDefsPath, kMaxConfigBytes);
    if (text) {
      human_uids_ = ParseLoginDefs(*text, issues_);
    } else if (text.error().code != Code::kNotFound) {
      issues_.Add(kLoginDefsPath, text.error().message);
    }
  }

  std::vector<AccountUse> ReadUses() {
    std::vector<LoginName> names;
    names.reserve(passwd_.entries.size());
    for (const PasswdEntry& entry : passwd_.entries) names.push_back({entry.name, entry.uid});
    return ReadLoginEvidence(input_.files, names, input_.now, issues_);
  }

  void FillIdentity(const PasswdEntry& entry, v1::Account& account) const {
    account.set_name(EscapedName(entry.name));
    account.set_uid(entry.uid);
    account.set_gid(entry.gid);
    account.set_full_name(CleanText(entry.full_name));
    account.set_home(CleanText(entry.home));
    account.set_shell(CleanText(entry.shell));
    account.set_human(human_uids_.Contains(entry.uid));
  }

  void FillRights(const PasswdEntry& entry, std::span<const GroupId> groups, const AdminRights& rights,
                  v1::Account& account) const {
    for (const GroupId& group : groups) {
      std::string name = EscapedName(group.name);
      const auto& known = account.groups();
      if (known.empty() || *known.rbegin() != name) account.add_groups(std::move(name));
    }
    for (const std::string& by : rights.ForAccount(entry, groups)) account.add_admin_by(CleanText(by));
    if (account.admin_by_size() > 0) {
      account.set_admin(true);
    } else if (groups_known_ && rights.complete()) {
      account.set_admin(false);
    }
  }

  // What decides whether somebody could log in. `first`: no earlier account has the name.
  void FillLogin(const PasswdEntry& entry, bool first, v1::Account& account) {
    const auto keys = HasAuthorizedKeys(input_.files, entry.home, issues_);
    if (keys) account.set_authorized_keys(*keys);
    if (!first) {
      issues_.AddLine(kPasswdPath, entry.line, "the name stands on an earlier line; nobody can log in as this one");
      account.set_enabled(false);
      return;
    }
    std::optional<PasswordState> password = entry.password;
    std::optional<bool> expired;
    FillFromShadow(entry, password, expired, account);
    if (password) account.set_password(std::string(PasswordStateName(*password)));
    if (expired) account.set_expired(*expired);
    const bool usable = password == PasswordState::kSet || password == PasswordState::kEmpty || keys.value_or(false);
    const bool shut = !IsLoginShell(entry.shell) || expired.value_or(false);
    const bool no_way = password && keys && !usable;
    if (shut || no_way) {
      account.set_enabled(false);
    } else if (usable && expired) {
      account.set_enabled(true);
    }
  }

  void FillFromShadow(const PasswdEntry& entry, std::optional<PasswordState>& password, std::optional<bool>& expired,
                      v1::Account& account) {
    if (!shadow_) return;
    const auto found = shadow_->entries.find(entry.name);
    if (found == shadow_->entries.end()) {
      if (shadow_->cut) return;
      expired = false;
      if (password) return;
      // What the system makes of it: no password matches.
      password = PasswordState::kNone;
      issues_.AddLine(kPasswdPath, entry.line, "has no line in /etc/shadow, so no password can match; see pwck(8)");
      return;
    }
    const ShadowEntry& shadow = found->second;
    if (!shadow.readable) return;
    expired = IsExpired(shadow, input_.now);
    if (shadow.expires) *account.mutable_expires_at() = ToTimestamp(*shadow.expires * kSecondsPerDay);
    if (password) return;
    password = shadow.password;
    const bool was_set = password == PasswordState::kSet || password == PasswordState::kLocked;
    if (was_set && shadow.changed.value_or(0) > 0) {
      *account.mutable_password_set_at() = ToTimestamp(*shadow.changed * kSecondsPerDay);
    }
  }

  static void FillUse(const AccountUse& use, v1::Account& account) {
    if (use.last_at) {
      v1::LastUse& last = *account.mutable_last_use();
      *last.mutable_at() = ToTimestamp(*use.last_at);
      last.set_source(CleanText(use.source));
      last.set_from(use.from);
    }
    if (use.evidence_since) *account.mutable_evidence_since() = ToTimestamp(*use.evidence_since);
  }

  const SourceInput& input_;
  SectionBuilder section_;
  FileIssues issues_;
  PasswdFile passwd_;
  GroupFile group_;
  bool groups_known_ = true;
  std::optional<ShadowFile> shadow_;  // absent: could not be read
  HumanUids human_uids_;
};

}  // namespace

v1::Section CollectAccounts(const SourceInput& input) { return AccountsCollector(input).Run(); }

}  // namespace daicho::agent

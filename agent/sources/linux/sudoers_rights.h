// Who becomes root by sudoers(5), and by which rule.
//
// Rules are taken in order; of two that speak of the same command the last one counts, so "!ALL" takes back what came
// before and "!/bin/bash" takes back /bin/bash but not ALL (a rule "ALL, !/bin/bash" keeps nobody from root). The same
// order holds within lists. A rule counts on this host if its host list names it; where that cannot be told (no host
// name, addresses, netgroups) it counts. Of all rules together only so much is compared with every account (work());
// the rules behind that are left out. Netgroups of users are not looked up. Pure; const methods are thread-safe.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sources/linux/file_issues.h"
#include "agent/sources/linux/sudoers_parser.h"

namespace daicho::agent {

struct GroupId {
  std::string_view name;
  std::uint32_t gid = 0;
};

class SudoersRights {
 public:
  // `root_names`: accounts with uid 0. `sudoers` must outlive the object. Rules whose users cannot be told become
  // issues.
  SudoersRights(const Sudoers& sudoers, std::string_view hostname, const std::set<std::string, std::less<>>& root_names,
                FileIssues& issues);

  // `groups`: with all names of each gid, since sudo(8) compares gids as well (Memberships gives them).
  // What makes the account root: "group sudo" where a rule names a group of the account, "sudoers /etc/sudoers:27"
  // otherwise; in order of the rules, each once, at most kMaxEvidence. Empty: nothing does.
  std::vector<std::string> ForAccount(std::string_view name, std::uint32_t uid, std::span<const GroupId> groups) const;

  // Whether membership alone of groups that share a gid gives root.
  bool ForGroups(std::span<const GroupId> groups) const;

  // False: some rules are left out; whom they give root, or take it from, is not known.
  bool complete() const { return complete_; }
  // Users and commands that each question looks at; at most kMaxWork.
  std::size_t work() const { return work_; }

  static constexpr std::size_t kMaxWork = 10'000;
  // Of one account, in its row.
  static constexpr std::size_t kMaxEvidence = 100;

 private:
  // Somebody whom user lists are compared with; without name and uid for a group alone.
  struct Subject {
    std::optional<std::string_view> name;
    std::optional<std::uint32_t> uid;
    std::span<const GroupId> groups;
  };
  struct UserMatch {
    std::optional<bool> matches;  // absent: the list does not speak of the subject
    std::string_view group;       // the group by which it matches
  };
  // What a rule says about root, once for all users.
  struct Effect {
    std::string command;  // "ALL", or path and arguments
    bool negated = false;
  };
  struct RootRule {
    const SudoersRule* rule = nullptr;
    std::vector<Effect> effects;
  };

  // `aliases_left` bounds how many aliases one question may look into: they may name each other in circles.
  std::vector<std::string> Evidence(const Subject& subject) const;
  UserMatch MatchUsers(const SudoersMembers& users, const Subject& subject, int& aliases_left) const;
  UserMatch MatchUser(std::string_view text, const Subject& subject, int& aliases_left) const;
  std::optional<bool> MatchHosts(const SudoersMembers& hosts, int& aliases_left) const;
  std::optional<bool> MatchHost(const SudoersMember& host, int& aliases_left) const;
  bool RunsAsRoot(const SudoersCommand& command) const;
  std::optional<bool> MatchRunas(const SudoersMembers& users, int& aliases_left) const;
  // False: more effects than may be kept.
  bool AddEffects(const SudoersCommands& commands, const SudoersCommand* outer, int& aliases_left,
                  std::vector<Effect>& effects) const;
  std::optional<RootRule> ToRootRule(const SudoersRule& rule);

  const Sudoers& sudoers_;
  std::string hostname_;
  std::set<std::string, std::less<>> root_names_;
  std::vector<RootRule> rules_;
  std::size_t work_ = 0;
  bool complete_ = true;
};

}  // namespace daicho::agent

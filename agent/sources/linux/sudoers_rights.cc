#include "agent/sources/linux/sudoers_rights.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <ranges>
#include <utility>

#include "agent/sources/linux/sudoers_commands.h"
#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr int kMaxAliases = 1000;  // looked into for one question

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string_view FirstLabel(std::string_view name) { return name.substr(0, name.find('.')); }

// An address, a network or a netgroup: whether this host is meant is not known.
bool IsUnknowableHost(std::string_view text) {
  return text.starts_with('+') || text.starts_with('^') || text.find(':') != std::string_view::npos ||
         text.find_first_not_of("0123456789./") == std::string_view::npos;
}

// The last element that speaks of the subject decides.
template <typename List, typename Match>
std::optional<bool> LastMatch(const List& list, const Match& match) {
  for (const auto& element : list | std::views::reverse) {
    if (const std::optional<bool> matches = match(element)) return *matches != element.negated;
  }
  return std::nullopt;
}

bool NamesNetgroup(const SudoersMembers& users) {
  return std::ranges::any_of(users,
                             [](const SudoersMember& user) { return user.text.starts_with('+') && !user.negated; });
}

}  // namespace

SudoersRights::SudoersRights(const Sudoers& sudoers, std::string_view hostname,
                             const std::set<std::string, std::less<>>& root_names, FileIssues& issues)
    : sudoers_(sudoers), hostname_(LowerCase(hostname)), root_names_(root_names) {
  for (const SudoersRule& rule : sudoers.rules) {
    std::optional<RootRule> root_rule = ToRootRule(rule);
    if (!root_rule) {
      complete_ = false;
      issues.AddLine(rule.file, rule.line,
                     "more rules that give root than are followed; this one and the rest are not");
      return;
    }
    if (root_rule->effects.empty()) continue;
    if (NamesNetgroup(rule.users)) {
      issues.AddLine(rule.file, rule.line, "gives a netgroup root; its members are not looked up");
    }
    work_ += rule.users.size() + root_rule->effects.size();
    rules_.push_back(std::move(*root_rule));
  }
}

// Nothing: there is no work left for the rule.
std::optional<SudoersRights::RootRule> SudoersRights::ToRootRule(const SudoersRule& rule) {
  RootRule root_rule{.rule = &rule, .effects = {}};
  for (const SudoersGrant& grant : rule.grants) {
    int aliases_left = kMaxAliases;
    if (!MatchHosts(grant.hosts, aliases_left).value_or(false)) continue;
    aliases_left = kMaxAliases;
    if (!AddEffects(grant.commands, nullptr, aliases_left, root_rule.effects)) return std::nullopt;
  }
  if (!root_rule.effects.empty() && work_ + rule.users.size() + root_rule.effects.size() > kMaxWork) {
    return std::nullopt;
  }
  return root_rule;
}

bool SudoersRights::AddEffects(const SudoersCommands& commands, const SudoersCommand* outer, int& aliases_left,
                               std::vector<Effect>& effects) const {
  for (const SudoersCommand& command : commands) {
    const bool negated = command.negated != (outer != nullptr && outer->negated);
    if (const auto alias = sudoers_.command_aliases.find(command.path); alias != sudoers_.command_aliases.end()) {
      SudoersCommand through = outer != nullptr ? *outer : command;
      through.negated = negated;
      if (aliases_left == 0) return false;
      --aliases_left;
      if (!AddEffects(alias->second, &through, aliases_left, effects)) return false;
      continue;
    }
    if (!RunsAsRoot(outer != nullptr ? *outer : command) || !GivesRoot(command)) continue;
    if (effects.size() >= kMaxWork) return false;
    effects.push_back({command.path + (command.arguments ? " " + *command.arguments : ""), negated});
  }
  return true;
}

bool SudoersRights::RunsAsRoot(const SudoersCommand& command) const {
  int aliases_left = kMaxAliases;
  return !command.runas || MatchRunas(*command.runas, aliases_left).value_or(false);
}

std::optional<bool> SudoersRights::MatchRunas(const SudoersMembers& users, int& aliases_left) const {
  return LastMatch(users, [&](const SudoersMember& user) -> std::optional<bool> {
    if (user.text == "ALL" || user.text == "#0" || user.text == "root" || root_names_.contains(user.text)) return true;
    if (const auto alias = sudoers_.runas_aliases.find(user.text); alias != sudoers_.runas_aliases.end()) {
      return aliases_left-- > 0 ? MatchRunas(alias->second, aliases_left) : std::nullopt;
    }
    if (user.text == "%root" || user.text == "%#0") return true;
    return std::nullopt;
  });
}

std::optional<bool> SudoersRights::MatchHosts(const SudoersMembers& hosts, int& aliases_left) const {
  return LastMatch(hosts, [&](const SudoersMember& host) { return MatchHost(host, aliases_left); });
}

std::optional<bool> SudoersRights::MatchHost(const SudoersMember& host, int& aliases_left) const {
  if (host.text == "ALL") return true;
  if (const auto alias = sudoers_.host_aliases.find(host.text); alias != sudoers_.host_aliases.end()) {
    return aliases_left-- > 0 ? MatchHosts(alias->second, aliases_left) : std::nullopt;
  }
  if (IsUnknowableHost(host.text) || hostname_.empty()) {
    return host.negated ? std::nullopt : std::optional<bool>(true);
  }
  const std::string pattern = LowerCase(host.text);
  if (MatchesWildcard(pattern, hostname_, false)) return true;
  // The domain may be missing on either side.
  const bool one_is_short = pattern.find('.') == std::string::npos || hostname_.find('.') == std::string::npos;
  if (one_is_short && MatchesWildcard(FirstLabel(pattern), FirstLabel(hostname_), false)) return true;
  return std::nullopt;
}

SudoersRights::UserMatch SudoersRights::MatchUsers(const SudoersMembers& users, const Subject& subject,
                                                   int& aliases_left) const {
  for (const SudoersMember& user : users | std::views::reverse) {
    UserMatch match = MatchUser(user.text, subject, aliases_left);
    if (!match.matches) continue;
    match.matches = *match.matches != user.negated;
    return match;
  }
  return {};
}

SudoersRights::UserMatch SudoersRights::MatchUser(std::string_view text, const Subject& subject,
                                                  int& aliases_left) const {
  if (text.starts_with('%')) {
    text.remove_prefix(1);
    const auto gid = text.starts_with('#') ? ParseUint32(text.substr(1)) : std::nullopt;
    for (const GroupId& group : subject.groups) {
      if (gid ? group.gid == *gid : group.name == text) return {true, group.name};
    }
    return {};
  }
  if (const auto alias = sudoers_.user_aliases.find(text); alias != sudoers_.user_aliases.end()) {
    return aliases_left-- > 0 ? MatchUsers(alias->second, subject, aliases_left) : UserMatch{};
  }
  if (!subject.name) return {};
  const bool same =
      text == "ALL" || text == *subject.name || (text.starts_with('#') && ParseUint32(text.substr(1)) == subject.uid);
  return same ? UserMatch{true, {}} : UserMatch{};
}

std::vector<std::string> SudoersRights::Evidence(const Subject& subject) const {
  // By command, each source with the place of the first rule that grants the command by it: neither grows with
  // repetition, and a negation looks at its own command only.
  std::map<std::string_view, std::map<std::string, std::size_t>> grants;
  for (std::size_t place = 0; place < rules_.size(); ++place) {
    const RootRule& root_rule = rules_[place];
    int aliases_left = kMaxAliases;
    const UserMatch match = MatchUsers(root_rule.rule->users, subject, aliases_left);
    if (!match.matches.value_or(false)) continue;
    const std::string evidence = match.group.empty()
                                     ? "sudoers " + root_rule.rule->file + ":" + std::to_string(root_rule.rule->line)
                                     : "group " + std::string(match.group);
    for (const Effect& effect : root_rule.effects) {
      if (!effect.negated) {
        grants[effect.command].try_emplace(evidence, place);
      } else if (effect.command == "ALL") {
        grants.clear();
      } else {
        grants.erase(effect.command);
      }
    }
  }
  std::map<std::string_view, std::size_t> first_place;
  for (const auto& [command, sources] : grants) {
    for (const auto& [evidence, place] : sources) {
      std::size_t& first = first_place.try_emplace(evidence, place).first->second;
      first = std::min(first, place);
    }
  }
  std::vector<std::pair<std::size_t, std::string_view>> ordered;
  for (const auto& [evidence, place] : first_place) ordered.emplace_back(place, evidence);
  std::ranges::sort(ordered);
  ordered.resize(std::min(ordered.size(), kMaxEvidence));
  std::vector<std::string> evidence;
  for (const auto& [place, text] : ordered) evidence.emplace_back(text);
  return evidence;
}

std::vector<std::string> SudoersRights::ForAccount(std::string_view name, std::uint32_t uid,
                                                   std::span<const GroupId> groups) const {
  return Evidence({.name = name, .uid = uid, .groups = groups});
}

bool SudoersRights::ForGroups(std::span<const GroupId> groups) const {
  return !Evidence({.name = {}, .uid = {}, .groups = groups}).empty();
}

}  // namespace daicho::agent

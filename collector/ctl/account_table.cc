#include "collector/ctl/account_table.h"

#include "collector/ctl/context.h"
#include "collector/ctl/texts.h"
#include "collector/reports/terminal.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

Cell YesNo(bool known, bool value, Language language) {
  if (!known) return {};
  return std::string(Say(language, value ? Text::kYes : Text::kNo));
}

Cell AdminCell(const v1::Account& account, Language language) {
  if (account.admin_by_size() > 0) return Join(account.admin_by());
  return YesNo(account.has_admin(), account.admin(), language);
}

std::string LastUseText(const v1::Account& account, Language language) {
  if (account.has_last_use()) return FormatLocalDate(FromTimestamp(account.last_use().at()));
  if (account.has_evidence_since()) {
    return Say(language, Text::kNotSeenSince, {FormatLocalDate(FromTimestamp(account.evidence_since()))});
  }
  return std::string(Say(language, Text::kUseUnknown));
}

}  // namespace

std::vector<Column> AccountColumns() {
  return {MakeColumn("name", Text::kHeadAccount),    MakeColumn("uid", Text::kHeadUid),
          MakeColumn("enabled", Text::kHeadEnabled), MakeColumn("password", Text::kHeadPassword),
          MakeColumn("admin_by", Text::kHeadAdmin),  MakeColumn("last_use", Text::kHeadLastUse)};
}

std::vector<Cell> AccountCells(const v1::Account& account, Language language) {
  return {account.name(),
          account.has_uid() ? Cell(std::int64_t{account.uid()}) : Cell(),
          YesNo(account.has_enabled(), account.enabled(), language),
          account.password().empty() ? Cell() : Cell(Word(language, account.password())),
          AdminCell(account, language),
          LastUseText(account, language)};
}

}  // namespace daicho::collector

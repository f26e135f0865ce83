// Accounts as rows of a table. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "collector/reports/table.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

// Account, UID, enabled, password, admin by, last use; the last one says what the evidence allows to say
// (the day; which record says so is in --json).
std::vector<Column> AccountColumns();
std::vector<Cell> AccountCells(const v1::Account& account, Language language);

// "a, b, c".
template <typename Texts>
std::string Join(const Texts& texts) {
  std::string joined;
  for (const std::string& text : texts) {
    if (!joined.empty()) joined += ", ";
    joined += text;
  }
  return joined;
}

}  // namespace daicho::collector

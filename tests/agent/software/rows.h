// Rows of a section as messages, for tests.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "common/sections.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::agent {

// Also checks what holds for every section: rows parse, keys are unique.
template <typename Row>
std::vector<Row> RowsOf(const v1::Section& section) {
  std::vector<Row> rows;
  std::set<std::string> keys;
  for (const std::string& bytes : section.rows()) {
    EXPECT_TRUE(rows.emplace_back().ParseFromString(bytes));
    EXPECT_TRUE(keys.insert(RowKey(*FindSection(section.name()), rows.back())).second) << rows.back().DebugString();
  }
  return rows;
}

}  // namespace daicho::agent

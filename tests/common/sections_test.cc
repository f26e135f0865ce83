#include "common/sections.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/protocol.h"
#include "daicho/v1/facts.pb.h"

namespace daicho {
namespace {

v1::Software OpenSsl() {
  v1::Software row;
  row.set_manager("dpkg");
  row.set_name("openssl");
  row.set_architecture("amd64");
  row.set_version("3.0.15-1~deb12u1");
  row.mutable_installed_at()->set_seconds(1'700'000'000);
  return row;
}

TEST(Sections, HaveDistinctNamesAndKeysThatTheirRowsHave) {
  for (const SectionType& type : AllSections()) {
    EXPECT_EQ(FindSection(type.name), &type);
    for (const auto* fields : {&type.key_fields, &type.required_fields, &type.volatile_fields}) {
      for (std::string_view field : *fields) {
        EXPECT_NE(type.prototype->GetDescriptor()->FindFieldByName(std::string(field)), nullptr) << type.name;
      }
    }
  }
  EXPECT_EQ(FindSection("no such section"), nullptr);
}

TEST(RowKey, TellsSecondRootFromRoot) {
  const SectionType& accounts = *FindSection("accounts");
  v1::Account root;
  root.set_name("root");
  root.set_uid(0);
  v1::Account backdoor;
  backdoor.set_name("toor");
  backdoor.set_uid(0);
  EXPECT_NE(RowKey(accounts, root), RowKey(accounts, backdoor));
}

TEST(RowKey, DoesNotDependOnTheVersion) {
  v1::Software upgraded = OpenSsl();
  upgraded.set_version("3.0.16-1~deb12u1");
  EXPECT_EQ(RowKey(*FindSection("software"), OpenSsl()), RowKey(*FindSection("software"), upgraded));
}

TEST(ParseRow, RefusesJunkAndOversize) {
  const SectionType& software = *FindSection("software");
  EXPECT_TRUE(ParseRow(software, RowBytes(OpenSsl())));
  EXPECT_FALSE(ParseRow(software, "\xff\xff\xff"));
  const auto huge = ParseRow(software, std::string(kMaxRowBytes + 1, 'x'));
  ASSERT_FALSE(huge);
  EXPECT_NE(huge.error().message.find("over the limit"), std::string::npos);
}

// An empty row had become a package without name, manager or version in the ledger.
TEST(ParseRow, RefusesARowThatNamesNothing) {
  for (const SectionType& type : AllSections()) {
    const auto empty = ParseRow(type, "");
    EXPECT_EQ(empty.has_value(), type.required_fields.empty()) << type.name;
  }
  const auto empty = ParseRow(*FindSection("software"), "");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().message, "row has no manager");
}

TEST(SplitRowBytes, SeparatesThePackageFromItsInstallation) {
  const v1::Software here = OpenSsl();
  v1::Software there = OpenSsl();
  there.mutable_installed_at()->set_seconds(1);
  const std::string bytes_here = RowBytes(here);
  const std::string bytes_there = RowBytes(there);
  const auto split_here = SplitRowBytes(bytes_here);
  const auto split_there = SplitRowBytes(bytes_there);
  ASSERT_TRUE(split_here && split_there);
  EXPECT_EQ(split_here->item, split_there->item);
  EXPECT_NE(split_here->tail, split_there->tail);
  EXPECT_EQ(std::string(split_here->item) + std::string(split_here->tail), bytes_here);
}

TEST(SplitRowBytes, RefusesFieldsOutOfOrder) {
  v1::Software tail_only;
  tail_only.mutable_installed_at()->set_seconds(5);
  v1::Software item_only;
  item_only.set_name("x");
  const auto split = SplitRowBytes(RowBytes(tail_only) + RowBytes(item_only));
  ASSERT_FALSE(split);
  EXPECT_NE(split.error().message.find("field 2"), std::string::npos) << split.error().message;
  EXPECT_FALSE(SplitRowBytes("\x0a\x7f"));  // a length that runs over the end
}

TEST(OverlayRow, KeepsWhatThePartialRowDoesNotState) {
  v1::Account known;
  known.set_name("tanaka");
  known.set_password("set");
  known.set_enabled(true);
  known.add_groups("sudo");
  known.mutable_last_use()->set_source("wtmp.1");
  known.mutable_last_use()->mutable_at()->set_seconds(5);
  v1::Account seen;
  seen.set_name("tanaka");
  seen.set_shell("/bin/zsh");
  seen.add_groups("users");
  OverlayRow(seen, known);
  EXPECT_EQ(known.password(), "set");
  EXPECT_TRUE(known.enabled());
  EXPECT_EQ(known.shell(), "/bin/zsh");
  EXPECT_EQ(known.last_use().source(), "wtmp.1");
  ASSERT_EQ(known.groups_size(), 1);
  EXPECT_EQ(known.groups(0), "users");
}

TEST(Protocol, SpeaksOneVersionOlderAndNewer) {
  EXPECT_TRUE(SpeaksProtocol(kProtocolVersion));
  EXPECT_TRUE(SpeaksProtocol(kProtocolVersion + 1));
  EXPECT_FALSE(SpeaksProtocol(kProtocolVersion + 2));
  EXPECT_FALSE(SpeaksProtocol(0)) << "never set";
}

}  // namespace
}  // namespace daicho

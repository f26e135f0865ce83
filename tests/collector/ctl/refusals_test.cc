// About half of the sentences are asked of the real collector, in tests/e2e/refusals_test.cc.
#include "collector/ctl/refusals.h"

#include <gtest/gtest.h>

namespace daicho::collector {
namespace {

struct RefusalCase {
  const char* name;
  const char* english;
  const char* japanese;
};

class InJapanese : public ::testing::TestWithParam<RefusalCase> {};

TEST_P(InJapanese, HasTheValuesOfTheEnglishSentence) {
  EXPECT_EQ(Refusal(Language::kJapanese, GetParam().english), GetParam().japanese);
  EXPECT_EQ(Refusal(Language::kEnglish, GetParam().english), GetParam().english);
}

INSTANTIATE_TEST_SUITE_P(
    Sentences, InJapanese,
    ::testing::Values(
        RefusalCase{"WithoutValues", "name a device by id or host name",
                    "機器は、機器IDかホスト名で指定してください。"},
        RefusalCase{
            "WithSeveral", "this needs the role admin; sato has the role viewer",
            "この操作には admin の権限が必要ですが、sato の権限は viewer です。権限のある管理者に依頼してください。"},
        RefusalCase{"ValueAtTheEnd", "the call cannot be journaled, so it is not done: l.sqlite: disk full",
                    "監査記録を書けないため、実行しませんでした: l.sqlite: disk full"},
        RefusalCase{"ValueThatIsEmpty", "only a SELECT on the documented views is allowed",
                    "実行できるのは、公開ビューへの SELECT 文だけです"},
        RefusalCase{"ValueThatLooksLikeThePattern",
                    "finding 'x' is resolved; nothing to waive' is resolved; nothing to waive",
                    "指摘 x' is resolved; nothing to waive は解消済みなので、例外登録はできません。"},
        RefusalCase{"ValueThatLooksLikeAPlace", "finding {1} is not waived", "指摘 {1} は例外登録されていません。"},
        RefusalCase{"UnknownSentence", "the tide is out", "the tide is out"},
        RefusalCase{"LongerThanThePattern", "name a device by id or host name, please",
                    "name a device by id or host name, please"},
        RefusalCase{"ShorterThanThePattern", "finding x is not", "finding x is not"}, RefusalCase{"Nothing", "", ""}),
    [](const auto& made) { return std::string(made.param.name); });

}  // namespace
}  // namespace daicho::collector

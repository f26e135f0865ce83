// A delta from the wire: whatever arrives either is refused, or gives exactly the rows whose digest it states, and the
// delta made from the two row sets gives them again.
#include <cstdint>
#include <cstdlib>

#include "common/delta.h"
#include "daicho/v1/agent.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const daicho::Rows base = {"accounts", "b", "groups", "listeners", "os", "software"};
  daicho::v1::SectionDelta delta;
  if (!delta.ParseFromArray(data, static_cast<int>(size))) return 0;
  // A mutator does not guess SHA-256: the digest that would be right is computed from a first, failed application.
  daicho::Rows expected;
  std::size_t removed = 0;
  for (std::size_t i = 0; i < base.size(); ++i) {
    const bool gone =
        removed < static_cast<std::size_t>(delta.removed_size()) && delta.removed(static_cast<int>(removed)) == i;
    if (gone) {
      ++removed;
    } else {
      expected.push_back(base[i]);
    }
  }
  expected.insert(expected.end(), delta.added().begin(), delta.added().end());
  daicho::OrderRows(expected);
  delta.set_result_digest(daicho::DigestRows(expected));
  const auto applied = daicho::ApplyDelta(daicho::ViewRows(base), delta);
  if (!applied) return 0;
  if (daicho::CopyRows(*applied) != expected) std::abort();
  daicho::v1::SectionDelta again;
  daicho::MakeDelta(base, expected, again);
  const auto reapplied = daicho::ApplyDelta(daicho::ViewRows(base), again);
  if (!reapplied || *reapplied != *applied) std::abort();
  return 0;
}

// What the collector says no with, in the language of whoever asked: a catalogue by the English sentence, as gettext(3)
// has it. The collector speaks English alone, for its journal and log; a sentence that is not in the catalogue, from an
// older or a newer collector, stays as it is. Pure; thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "collector/reports/table.h"

namespace daicho::collector {

// {0}, {1} … in the order of the English sentence: a name, a time, or the rest of it.
struct RefusalSentence {
  std::string_view en;
  std::string_view ja;
};
std::span<const RefusalSentence> RefusalSentences();

// `english`: the message of a call's status.
std::string Refusal(Language language, std::string_view english);

}  // namespace daicho::collector

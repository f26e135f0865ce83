// Questions about another time than now (--at). Pure.
#pragma once

#include <string>

#include "collector/ctl/arguments.h"
#include "collector/ctl/context.h"
#include "collector/ctl/session.h"
#include "common/error.h"
#include "common/time_format.h"

namespace daicho::collector {

// Asks for the moment that --at names, if it is given. kInvalidArgument: ParseMoment's.
template <typename Request>
Status SetMoment(const Context& context, const std::string& text, Request& request) {
  if (text.empty()) return {};
  const auto at = ParseMoment("--at", text, context.Now(), context.language());
  if (!at) return std::unexpected(at.error());
  *request.mutable_at() = ToTimestamp(*at);
  return {};
}

// A collector that does not know the question answers another one: how it is now. What it says has no moment.
template <typename Request, typename Answer>
bool AnswersTheQuestion(const Request& request, const Answer& answer) {
  return !request.has_at() || answer.has_at();
}

// What to say to one that does not.
inline Error TooOld(const Context& context, const Session& session) {
  return {Code::kUnimplemented, context.Say(Text::kErrNoPast, {session.endpoint()})};
}

}  // namespace daicho::collector
